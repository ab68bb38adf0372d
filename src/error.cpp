// SPDX-License-Identifier: BSD-3-Clause
#include "src/error.hpp"

#include <cstdio>

namespace anisograd {

namespace {

thread_local char message[512];

} // namespace

ag_status set_error_from_list(FunctionName function, ag_status status, const char* format,
                              std::va_list values) {
    const int written = std::snprintf(message, sizeof message, "%s%s: ", function.name, function.suffix);
    if (written > 0 && static_cast<unsigned>(written) < sizeof message)
        std::vsnprintf(message + written, sizeof message - static_cast<unsigned>(written), format, values);
    return status;
}

ag_status set_error(FunctionName function, ag_status status, const char* format, ...) {
    std::va_list values;
    va_start(values, format);
    set_error_from_list(function, status, format, values);
    va_end(values);
    return status;
}

} // namespace anisograd

extern "C" {

const char* ag_last_error(void) {
    return anisograd::message;
}

const char* ag_status_string(ag_status status) {
    switch (status) {
    case AG_OK:
        return "AG_OK";
    case AG_ERROR_NULL_POINTER:
        return "AG_ERROR_NULL_POINTER";
    case AG_ERROR_INVALID_VALUE:
        return "AG_ERROR_INVALID_VALUE";
    case AG_ERROR_INVALID_ENUM:
        return "AG_ERROR_INVALID_ENUM";
    case AG_ERROR_STRUCT_SIZE:
        return "AG_ERROR_STRUCT_SIZE";
    case AG_ERROR_SIZE:
        return "AG_ERROR_SIZE";
    case AG_ERROR_OVERLAP:
        return "AG_ERROR_OVERLAP";
    case AG_ERROR_OUT_OF_RANGE:
        return "AG_ERROR_OUT_OF_RANGE";
    case AG_ERROR_LABEL:
        return "AG_ERROR_LABEL";
    case AG_ERROR_UNSUPPORTED_ISA:
        return "AG_ERROR_UNSUPPORTED_ISA";
    case AG_ERROR_OUT_OF_MEMORY:
        return "AG_ERROR_OUT_OF_MEMORY";
    case AG_ERROR_INTERNAL:
        return "AG_ERROR_INTERNAL";
    case AG_ERROR_SHARDS:
        return "AG_ERROR_SHARDS";
    case AG_ERROR_REDUCER:
        return "AG_ERROR_REDUCER";
    case AG_ERROR_NOT_PROJECTED:
        return "AG_ERROR_NOT_PROJECTED";
    default:
        return "unknown ag_status";
    }
}

} // extern "C"
