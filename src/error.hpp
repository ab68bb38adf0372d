// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "anisograd/anisograd.h"

#include <cstdarg>

namespace anisograd {

// A C entry's name for messages: "ag_adagrad_step" and "_f32".
struct FunctionName {
    const char* name;
    const char* suffix;
};

template <class T>
inline constexpr const char* type_suffix = sizeof(T) == 4 ? "_f32" : "_f64";

// Sets this thread's message to "<function>: <text>" and gives the status back.
[[gnu::format(printf, 3, 4)]] ag_status set_error(FunctionName function, ag_status status, const char* format,
                                                  ...);

[[gnu::format(printf, 3, 0)]] ag_status set_error_from_list(FunctionName function, ag_status status,
                                                            const char* format, std::va_list values);

} // namespace anisograd
