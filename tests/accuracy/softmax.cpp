// SPDX-License-Identifier: BSD-3-Clause
//
// Rows whose margins are exact: w holds them, and X is the identity.
#include "tests/accuracy/table.hpp"
#include "tests/reference/elementary.hpp"
#include "tests/support/api.hpp"
#include "tests/support/matrix.hpp"

namespace accuracy {

namespace {

using test::Random;

// What a row's log sum and residuals should be. margin(k), k < classes.
template <class R, class Margin>
struct ExactRow {
    Margin margin;
    std::size_t largest = 0;
    R rest = 0; // the sum of the others' exponentials

    ExactRow(std::size_t classes, Margin m) : margin(m) {
        for (std::size_t k = 1; k < classes; ++k)
            if (margin(k) > margin(largest))
                largest = k;
        for (std::size_t k = 0; k < classes; ++k)
            if (k != largest)
                rest += relative(k);
    }
    R relative(std::size_t k) const { return std::exp(margin(k) - margin(largest)); }
    R loss(std::size_t label) const { return std::log1p(rest) + (margin(largest) - margin(label)); }
    R residual(std::size_t k, std::size_t label) const {
        if (k != label)
            return relative(k) / (1 + rest);
        return k == largest ? -rest / (1 + rest) : relative(k) / (1 + rest) - 1;
    }
};

// w: classes rows of margins, one column for each row of X.
template <class T>
void measure_rows(const Run& run, Row& losses, Row& residuals, std::size_t classes, const std::vector<T>& w,
                  std::uint64_t seed) {
    using R = Exact<T>;
    const std::size_t n = w.size() / classes;
    Random random(seed);
    std::vector<std::int32_t> y(n);
    for (std::int32_t& label : y)
        label = static_cast<std::int32_t>(random.below(classes));
    const test::Identity<T> X(n);
    ag_logistic_options o = test::logistic_options();
    o.reduction = AG_REDUCTION_SUM;
    const auto exact_row = [&](std::size_t i) {
        const auto margin = [&w, n, i](std::size_t k) { return static_cast<R>(w[k * n + i]); };
        return ExactRow<R, decltype(margin)>(classes, margin);
    };
    const auto row_text = [&](std::size_t i) {
        std::string all = "margins";
        for (std::size_t k = 0; k < std::min<std::size_t>(classes, 4); ++k)
            all += " " + text(w[k * n + i]);
        return all + (classes > 4 ? " ..." : "") + ", label " + std::to_string(y[i]);
    };
    const std::vector<T> gradient = on_every_isa(run, residuals, [&] {
        std::vector<T> out(w.size());
        check(test::softmax(X.view(), classes, y.data(), w.data(), &o, nullptr, out.data()));
        return out;
    });
    see_errors(
        residuals, n,
        [&](std::size_t i) {
            const auto exact = exact_row(i);
            double worst = 0;
            for (std::size_t k = 0; k < classes; ++k)
                worst =
                    std::max(worst, reference::ulp_error(gradient[k * n + i],
                                                         exact.residual(k, static_cast<std::size_t>(y[i]))));
            return worst;
        },
        row_text);
    const std::vector<double> loss = on_every_isa(run, losses, [&] {
        std::vector<double> out(n);
        ag_logistic_options one = o;
        one.row_count = 1;
        for (std::size_t i = 0; i < n; ++i) {
            const auto index = static_cast<std::int64_t>(i);
            one.row_indices = &index;
            check(test::softmax(X.view(), classes, y.data(), w.data(), &one, &out[i],
                                static_cast<T*>(nullptr)));
        }
        return out;
    });
    see_errors(
        losses, n,
        [&](std::size_t i) {
            return reference::ulps<T>(loss[i], exact_row(i).loss(static_cast<std::size_t>(y[i])));
        },
        row_text);
}

template <class T>
void measure_classes(Run& run, std::size_t classes) {
    const std::string name = "`ag_softmax`, " + std::to_string(classes) + " classes: ";
    Row losses = {name + "log sum of a row", type_name<T>, static_cast<double>(classes + 6)};
    Row residuals = {name + "residuals of a row", type_name<T>, static_cast<double>(classes + 6)};
    if (classes == 2) // 0 and any number
        for_each_input<T>(64 * run.stride, [&](const std::vector<T>& x) {
            std::vector<T> w;
            for (const T a : x)
                if (std::isfinite(a))
                    w.push_back(a);
            w.insert(w.begin(), w.size(), T(0));
            if (!w.empty())
                measure_rows(run, losses, residuals, classes, w, x.size());
        });
    // Multiples of 2^-10, so that differences are exact.
    const double range = sizeof(T) == 4 ? 60 : 400;
    for_each_chunk((std::uint64_t(1) << 24) / classes, run.stride, [&](std::size_t n, std::uint64_t seed) {
        Random random(seed);
        for (const double spread : {0.02 * range, range}) {
            std::vector<T> w(classes * n);
            for (T& margin : w)
                margin = static_cast<T>(std::nearbyint(random.uniform(-spread, spread) * 1024) / 1024);
            measure_rows(run, losses, residuals, classes, w, seed);
        }
    });
    run.rows.push_back(losses);
    run.rows.push_back(residuals);
}

} // namespace

void measure_softmax(Run& run) {
    for (const std::size_t classes : {2, 3, 10, 100}) {
        measure_classes<float>(run, classes);
        measure_classes<double>(run, classes);
    }
}

} // namespace accuracy
