// SPDX-License-Identifier: BSD-3-Clause
//
// A library to preload: every call of a function of anisograd is made in the floating-point mode that
// ANISOGRAD_CALLER_MODE names ("each": in all of them in turn), and must come back in it. The program itself stays in
// the default mode, so that any of the tests can be run so. Where ANISOGRAD_CALLER_MODE_ALL is set, the program must
// have called every function. caller_mode.S has the functions.
#include "tests/support/floating_point_mode.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <iterator>

namespace {

using namespace test;

// As caller_mode.S lays it out.
struct Function {
    const char* name;
    std::atomic<void*> address; // in the library; null until the first call
};

struct Call {
    const Function* function;
    void* return_address;
    Mode before, during;
};

// More than one: a reducer may call the library.
thread_local Call calls[8];
thread_local unsigned depth;

[[noreturn]] void fail(const char* what, const char* name) {
    std::fprintf(stderr, "caller_mode: %s %s\n", what, name);
    std::abort();
}

Mode next_mode() {
    static const char* const wanted = std::getenv("ANISOGRAD_CALLER_MODE");
    if (wanted == nullptr)
        fail("unset:", "ANISOGRAD_CALLER_MODE");
    if (std::strcmp(wanted, "each") == 0) {
        static std::atomic<unsigned> next{0};
        return all_modes[next++ % std::size(all_modes)].mode;
    }
    for (const NamedMode& one : all_modes)
        if (std::strcmp(wanted, one.name) == 0)
            return one.mode;
    fail("no mode", wanted);
}

} // namespace

extern "C" {

// The linker names a section's ends so.
extern Function __start_caller_mode_functions[], __stop_caller_mode_functions[];

// Gives the function to call.
void* anisograd_test_enter(Function* function, void* return_address) {
    if (function->address == nullptr)
        function->address = dlsym(RTLD_NEXT, function->name);
    if (function->address == nullptr)
        fail("no function", function->name);
    if (depth == std::size(calls))
        fail("too many calls inside", function->name);
    calls[depth++] = {function, return_address, read_mode(), next_mode()};
    write_mode(calls[depth - 1].during);
    return function->address;
}

// Gives the address to return to.
void* anisograd_test_leave() {
    const Mode after = read_mode();
    const Call& call = calls[--depth];
    write_mode(call.before);
    if (after != call.during)
        fail("the mode was changed by", call.function->name);
    return call.return_address;
}

} // extern "C"

namespace {

[[gnu::destructor]] void require_all_functions() {
    if (std::getenv("ANISOGRAD_CALLER_MODE_ALL") == nullptr)
        return;
    for (const Function* f = __start_caller_mode_functions; f != __stop_caller_mode_functions; ++f)
        if (f->address == nullptr)
            fail("the program did not call", f->name);
}

} // namespace
