// SPDX-License-Identifier: BSD-3-Clause
//
// Tries exp, log1p, sigmoid, softplus for all 2^32 floats: the largest error on the fastest ISA, and whether
// every other ISA gives the same bits. Minutes; not one of CTest's tests.
//
//     exhaustive_elementary [STRIDE]     every STRIDE-th bit pattern, default 1
#include "anisograd/anisograd.h"
#include "tests/reference/elementary.hpp"

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using reference::Elementary;

struct Function {
    const char* name;
    Elementary exact;
    ag_status (*call)(std::size_t, const float*, float*);
};

constexpr Function functions[] = {{"exp", Elementary::exp, ag_exp_f32},
                                  {"log1p", Elementary::log1p, ag_log1p_f32},
                                  {"sigmoid", Elementary::sigmoid, ag_sigmoid_f32},
                                  {"softplus", Elementary::softplus, ag_softplus_f32}};

// The function in double, to a few units of its last place: a millionth of a float's.
double evaluate_in_double(Elementary function, double x) {
    if (function == Elementary::exp)
        return std::exp(x);
    if (function == Elementary::log1p)
        return std::log1p(x);
    const double e = std::exp(-std::fabs(x));
    if (function == Elementary::sigmoid)
        return x > 0 ? 1 / (1 + e) : e / (1 + e);
    return (x > 0 ? x : 0) + std::log1p(e);
}

// As reference::ulp_error, which decides where this one does not know or is not sure.
double fast_ulp_error(Elementary function, float x, float result) {
    const double exact = evaluate_in_double(function, static_cast<double>(x));
    if (std::isnan(exact) && std::isnan(result))
        return 0;
    if (std::isinf(result) && result > 0 && exact >= 0x1p128)
        return 0;
    if (!std::isfinite(result) || !std::isfinite(exact))
        return reference::ulp_error(function, x, result);
    std::uint64_t bits;
    std::memcpy(&bits, &exact, sizeof bits);
    // The spacing of floats at exact, 2^(exponent - 23): as the bits of a double.
    bits = std::max(bits >> 52 & 0x7ff, std::uint64_t(1023 - 126)) - 23;
    bits <<= 52;
    double spacing;
    std::memcpy(&spacing, &bits, sizeof spacing);
    const double error = std::fabs(static_cast<double>(result) - exact) / spacing;
    return error <= 0.999 ? error : reference::ulp_error(function, x, result);
}

struct Worst {
    double error = 0;
    float x = 0;
};

Worst worst_error(Elementary function, const std::vector<float>& x, const std::vector<float>& result) {
    Worst worst;
#pragma omp parallel
    {
        Worst mine;
#pragma omp for schedule(static)
        for (std::size_t i = 0; i < x.size(); ++i)
            if (const double error = fast_ulp_error(function, x[i], result[i]); !(error <= mine.error))
                mine = {error, x[i]};
#pragma omp critical
        if (!(mine.error <= worst.error))
            worst = mine;
    }
    return worst;
}

std::uint64_t differences(const std::vector<float>& a, const std::vector<float>& b) {
    std::uint64_t count = 0;
#pragma omp parallel for schedule(static) reduction(+ : count)
    for (std::size_t i = 0; i < a.size(); ++i)
        if (std::memcmp(&a[i], &b[i], sizeof a[i]) != 0 && !(std::isnan(a[i]) && std::isnan(b[i])))
            ++count;
    return count;
}

std::vector<float> evaluate_on(ag_isa isa, const Function& function, const std::vector<float>& x) {
    std::vector<float> result(x.size());
    if (ag_set_isa(isa) != AG_OK || function.call(x.size(), x.data(), result.data()) != AG_OK) {
        std::fprintf(stderr, "%s\n", ag_last_error());
        std::exit(2);
    }
    return result;
}

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t stride = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
    if (stride == 0) {
        std::fprintf(stderr, "usage: %s [STRIDE]\n", argv[0]);
        return 2;
    }
    const ag_isa fastest = ag_active_isa();
    std::vector<ag_isa> others;
    for (const ag_isa isa : {AG_ISA_PORTABLE, AG_ISA_AVX2, AG_ISA_AVX512, AG_ISA_NEON})
        if (isa != fastest && ag_isa_supported(isa))
            others.push_back(isa);

    bool good = true;
    for (const Function& function : functions) {
        const auto start = std::chrono::steady_clock::now();
        constexpr std::size_t chunk = std::size_t(1) << 22;
        constexpr std::uint64_t patterns = std::uint64_t(1) << 32;
        Worst worst;
        std::uint64_t inputs = 0;
        std::vector<std::uint64_t> differing(others.size());
        std::vector<float> x;
        for (std::uint64_t pattern = 0; pattern < patterns;) {
            x.clear();
            for (; x.size() < chunk && pattern < patterns; pattern += stride) {
                const auto bits = static_cast<std::uint32_t>(pattern);
                float value;
                std::memcpy(&value, &bits, sizeof value);
                x.push_back(value);
            }
            inputs += x.size();
            const std::vector<float> result = evaluate_on(fastest, function, x);
            if (const Worst here = worst_error(function.exact, x, result); !(here.error <= worst.error))
                worst = here;
            for (std::size_t i = 0; i < others.size(); ++i)
                differing[i] += differences(result, evaluate_on(others[i], function, x));
        }
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        std::printf("%-8s  %llu inputs  %s: at most %.5f ULP, at %a", function.name,
                    static_cast<unsigned long long>(inputs), ag_isa_name(fastest), worst.error,
                    static_cast<double>(worst.x));
        good = good && worst.error <= 1;
        for (std::size_t i = 0; i < others.size(); ++i) {
            std::printf("  %s: %llu differ", ag_isa_name(others[i]),
                        static_cast<unsigned long long>(differing[i]));
            good = good && differing[i] == 0;
        }
        std::printf("  (%.0f s)\n", seconds.count());
        std::fflush(stdout);
    }
    std::puts(good ? "good" : "FAULT");
    return good ? 0 : 1;
}
