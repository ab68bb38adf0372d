// SPDX-License-Identifier: BSD-3-Clause
#include "bench/scalar_projection.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace bench::scalar {

namespace {

// The projection onto the L1 ball is the simplex's of the magnitudes, with the signs put back. Both sets give a
// coordinate's value to the search for the multiplier, and make its projection.
template <Set set, class T>
T value_of(T x) {
    return set == Set::l1_ball ? std::fabs(x) : x;
}

// x beyond the distance that the multiplier moves it by.
template <Set set, class T>
T moved(T x, double distance) {
    const double rest = std::max(static_cast<double>(value_of<set>(x)) - distance, 0.0);
    return static_cast<T>(set == Set::l1_ball ? std::copysign(rest, static_cast<double>(x)) : rest);
}

// Whether a ball needs nothing done: then no multiplier > 0 makes the sum the radius.
template <Set set>
bool is_inside(double multiplier) {
    return set == Set::l1_ball && multiplier <= 0;
}

template <Set set, class T>
void move_all(std::size_t n, T* x, double multiplier) {
    if (is_inside<set>(multiplier))
        return;
    for (std::size_t j = 0; j < n; ++j)
        x[j] = moved<set>(x[j], multiplier);
}

template <Set set, class T>
void move_all(std::size_t n, T* __restrict x, const T* __restrict lambda, double multiplier) {
    if (is_inside<set>(multiplier))
        return;
    for (std::size_t j = 0; j < n; ++j)
        x[j] = moved<set>(x[j], multiplier * static_cast<double>(T(1) / lambda[j]));
}

// The multiplier of the k largest values is theirs if the next one is not above it; k rises from 1.
template <Set set, class T>
double multiplier_by_sort(std::size_t n, const T* x, double radius, T* memory) {
    for (std::size_t j = 0; j < n; ++j)
        memory[j] = value_of<set>(x[j]);
    std::sort(memory, memory + n, std::greater<T>());
    double sum = -radius, multiplier = 0;
    for (std::size_t k = 0; k < n && (k == 0 || static_cast<double>(memory[k]) > multiplier); ++k) {
        sum += static_cast<double>(memory[k]);
        multiplier = sum / static_cast<double>(k + 1);
    }
    return multiplier;
}

// The multiplier grows towards its value from below, so that whatever is not above it is out for good. The paper's
// list v is memory[begin ... end), the list of what may come back is memory[0 ... begin).
template <Set set, class T>
double multiplier_by_condat(std::size_t n, const T* x, double radius, T* memory) {
    std::size_t begin = 0, end = 1;
    memory[0] = value_of<set>(x[0]);
    double multiplier = static_cast<double>(memory[0]) - radius;
    for (std::size_t j = 1; j < n; ++j) {
        const T value = value_of<set>(x[j]);
        const double y = static_cast<double>(value);
        if (y > multiplier) {
            multiplier += (y - multiplier) / static_cast<double>(end - begin + 1);
            // Alone, y gives a better bound than together with v: v waits, and a list of y is begun.
            if (multiplier <= y - radius) {
                multiplier = y - radius;
                begin = end;
            }
            memory[end++] = value;
        }
    }
    // What waited, from its end, so that v can grow over the places looked at.
    for (std::size_t waiting = begin; waiting-- > 0;) {
        const T value = memory[waiting];
        const double y = static_cast<double>(value);
        if (y > multiplier) {
            memory[--begin] = value;
            multiplier += (y - multiplier) / static_cast<double>(end - begin);
        }
    }
    for (bool changed = true; changed;) {
        std::size_t count = end - begin, kept = begin;
        for (std::size_t k = begin; k < end; ++k) {
            const T value = memory[k];
            const double y = static_cast<double>(value);
            // The last one stays: only a radius of 0, or lost to rounding, puts it at the multiplier.
            if (y > multiplier || count == 1)
                memory[kept++] = value;
            else
                multiplier += (multiplier - y) / static_cast<double>(--count);
        }
        changed = kept != end;
        end = kept;
    }
    return multiplier;
}

template <Set set, class T>
double multiplier_by_sort(std::size_t n, const T* x, const T* lambda, double radius, Breakpoint<T>* memory) {
    for (std::size_t j = 0; j < n; ++j) {
        const T value = value_of<set>(x[j]);
        memory[j] = {lambda[j] * value, value, T(1) / lambda[j]};
    }
    std::sort(memory, memory + n,
              [](const Breakpoint<T>& a, const Breakpoint<T>& b) { return a.multiplier > b.multiplier; });
    double sum = -radius, slope = 0, multiplier = 0;
    for (std::size_t k = 0; k < n && (k == 0 || static_cast<double>(memory[k].multiplier) > multiplier);
         ++k) {
        sum += static_cast<double>(memory[k].value);
        slope += static_cast<double>(memory[k].inverse);
        multiplier = sum / slope;
    }
    return multiplier;
}

// Each multiplier is a tangent's, from below, so that whatever is 0 there is 0 in the end. Coordinates are kept
// without a branch, which would be guessed wrongly.
template <Set set, class T>
double multiplier_by_michelot(std::size_t n, const T* x, const T* lambda, double radius, T* memory) {
    T *const values = memory, *const inverses = memory + n;
    double sum = -radius, slope = 0;
    for (std::size_t j = 0; j < n; ++j) {
        values[j] = value_of<set>(x[j]);
        inverses[j] = T(1) / lambda[j];
        sum += static_cast<double>(values[j]);
        slope += static_cast<double>(inverses[j]);
    }
    double multiplier = sum / slope;
    if (is_inside<set>(multiplier))
        return multiplier;
    for (std::size_t count = n;;) {
        std::size_t kept = 0;
        sum = -radius;
        slope = 0;
        for (std::size_t k = 0; k < count; ++k) {
            const T value = values[k], inverse = inverses[k];
            const bool stays = static_cast<double>(value) > multiplier * static_cast<double>(inverse);
            values[kept] = value;
            inverses[kept] = inverse;
            kept += stays;
            sum += stays ? static_cast<double>(value) : 0.0;
            slope += stays ? static_cast<double>(inverse) : 0.0;
        }
        // None: only with a radius of 0, or lost to rounding.
        if (kept == 0 || kept == count)
            return multiplier;
        multiplier = sum / slope;
        count = kept;
    }
}

} // namespace

template <class T>
void sort_projection(Set set, std::size_t n, T* x, double radius, T* memory) {
    if (n == 0)
        return;
    if (set == Set::simplex)
        move_all<Set::simplex>(n, x, multiplier_by_sort<Set::simplex>(n, x, radius, memory));
    else
        move_all<Set::l1_ball>(n, x, multiplier_by_sort<Set::l1_ball>(n, x, radius, memory));
}

template <class T>
void condat_projection(Set set, std::size_t n, T* x, double radius, T* memory) {
    if (n == 0)
        return;
    if (set == Set::simplex)
        move_all<Set::simplex>(n, x, multiplier_by_condat<Set::simplex>(n, x, radius, memory));
    else
        move_all<Set::l1_ball>(n, x, multiplier_by_condat<Set::l1_ball>(n, x, radius, memory));
}

template <class T>
void sort_projection_lambda(Set set, std::size_t n, T* x, const T* lambda, double radius,
                            Breakpoint<T>* memory) {
    if (n == 0)
        return;
    if (set == Set::simplex)
        move_all<Set::simplex>(n, x, lambda, multiplier_by_sort<Set::simplex>(n, x, lambda, radius, memory));
    else
        move_all<Set::l1_ball>(n, x, lambda, multiplier_by_sort<Set::l1_ball>(n, x, lambda, radius, memory));
}

template <class T>
void michelot_projection_lambda(Set set, std::size_t n, T* x, const T* lambda, double radius, T* memory) {
    if (n == 0)
        return;
    if (set == Set::simplex)
        move_all<Set::simplex>(n, x, lambda,
                               multiplier_by_michelot<Set::simplex>(n, x, lambda, radius, memory));
    else
        move_all<Set::l1_ball>(n, x, lambda,
                               multiplier_by_michelot<Set::l1_ball>(n, x, lambda, radius, memory));
}

#define BENCH_INSTANTIATE(T)                                                                                 \
    template void sort_projection(Set, std::size_t, T*, double, T*);                                         \
    template void condat_projection(Set, std::size_t, T*, double, T*);                                       \
    template void sort_projection_lambda(Set, std::size_t, T*, const T*, double, Breakpoint<T>*);            \
    template void michelot_projection_lambda(Set, std::size_t, T*, const T*, double, T*);
BENCH_INSTANTIATE(float)
BENCH_INSTANTIATE(double)

} // namespace bench::scalar
