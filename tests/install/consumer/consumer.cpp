// SPDX-License-Identifier: BSD-3-Clause
#include <anisograd/anisograd.hpp>

#include <iostream>
#include <vector>

int main() {
    std::vector<double> w(300000, 1.0); // enough for several threads
    const std::vector<double> g(w.size(), 2.0);
    std::vector<double> v(w.size(), 0.0);
    anisograd::adagrad_step(std::span<double>(w), std::span<const double>(g), std::span<double>(v));
    std::cout << ag_version_string() << ", " << ag_isa_name(ag_active_isa()) << ": " << w.front() << '\n';
    return w.front() == 0.99 && w.back() == 0.99 ? 0 : 1;
}
