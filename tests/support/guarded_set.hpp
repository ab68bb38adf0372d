// SPDX-License-Identifier: BSD-3-Clause
//
// A copy of a set whose arrays of n elements are guarded.
#pragma once

#include "tests/support/support.hpp"

#include <memory>

namespace test {

template <class T>
class GuardedSet {
public:
    GuardedSet(const ag_set& given, std::size_t n, std::size_t gap) : set_(given) {
        for (const auto array :
             {&ag_set::lower_bounds, &ag_set::upper_bounds, &ag_set::center, &ag_set::normal})
            if (const T* values = static_cast<const T*>(given.*array); values != nullptr) {
                arrays_.push_back(std::make_unique<GuardedArray<T>>(std::vector<T>(values, values + n), gap));
                set_.*array = arrays_.back()->data();
            }
    }
    const ag_set* get() const { return &set_; }
    bool intact() const {
        return std::all_of(arrays_.begin(), arrays_.end(), [](const auto& array) { return array->intact(); });
    }

private:
    ag_set set_;
    std::vector<std::unique_ptr<GuardedArray<T>>> arrays_;
};

} // namespace test
