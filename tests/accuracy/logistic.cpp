// SPDX-License-Identifier: BSD-3-Clause
//
// What is made of a row's margin. Margins are exact: X is the identity where a matrix is asked for, and w holds them.
#include "tests/accuracy/table.hpp"
#include "tests/reference/elementary.hpp"
#include "tests/support/api.hpp"
#include "tests/support/matrix.hpp"

namespace accuracy {

namespace {

using test::Random;

// The functions of a margin, to a few units of R's last place.
template <class R>
struct AtMargin {
    R sigmoid, opposite_sigmoid;   // of m and of -m
    R softplus, opposite_softplus; // the same

    AtMargin() = default;
    explicit AtMargin(R m) {
        const R e = std::exp(-std::fabs(m)), larger = 1 / (1 + e), smaller = e * larger, l = std::log1p(e);
        sigmoid = m > 0 ? larger : smaller;
        opposite_sigmoid = m > 0 ? smaller : larger;
        softplus = m > 0 ? m + l : l;
        opposite_softplus = m > 0 ? l : l - m;
    }
    R curvature() const { return sigmoid * opposite_sigmoid; }
};

template <class T>
class Measurement {
public:
    explicit Measurement(Run& run) : run_(run) {}

    void measure_margins(const std::vector<T>& margin, std::uint64_t seed) {
        set_margins(margin);
        const std::vector<T> positive(margin.size(), T(1)), negative(margin.size(), T(-1));
        const ag_logistic_options o = test::logistic_options();
        measure_classes(positive, o);
        measure_classes(negative, o);
        measure_matrix(positive, negative);
        // Of one in 16 margins, with targets and class weights at random.
        std::vector<T> some;
        for (std::size_t i = 0; i < margin.size(); i += 16)
            some.push_back(margin[i]);
        set_margins(some);
        measure_random(seed);
    }
    void finish() {
        for (const Row* row : {&loss_, &residual_, &target_loss_, &target_residual_, &curvature_,
                               &probability_, &gradient_, &diagonal_, &product_})
            run_.rows.push_back(*row);
    }

private:
    using R = Exact<T>;

    void measure_random(std::uint64_t seed) {
        Random random(seed);
        const std::vector<T> signs = test::random_signs<T>(margin_.size(), random.bits());
        std::vector<T> target(margin_.size());
        for (T& t : target)
            t = any_target(random);
        ag_logistic_options o = test::logistic_options();
        o.labels = AG_LABELS_PROBABILITY;
        measure_targets(target, o);
        const auto weight = [&] {
            return static_cast<double>(static_cast<T>(std::exp2(random.uniform(-7, 7))));
        };
        o.positive_weight = weight();
        o.negative_weight = weight();
        measure_targets(target, o);
        o.labels = AG_LABELS_PLUS_MINUS_ONE;
        measure_classes(signs, o);
    }

    // Between the classes, near one of them too.
    static T any_target(Random& random) {
        const double t = random.below(2) == 0 ? random.uniform(0, 1) : std::exp2(random.uniform(-60, 0));
        return static_cast<T>(random.below(4) == 0 ? 1 - t : t);
    }

    void set_margins(const std::vector<T>& margin) {
        margin_ = margin;
        exact_.resize(margin.size());
#pragma omp parallel for schedule(static)
        for (std::size_t i = 0; i < margin.size(); ++i)
            exact_[i] = AtMargin<R>(margin[i]);
    }

    template <class ErrorOf>
    void see(Row& row, ErrorOf error_of) const {
        see_errors(row, margin_.size(), error_of,
                   [&](std::size_t i) { return "margin " + text(margin_[i]); });
    }

    struct Results {
        std::vector<double> loss;
        std::vector<T> residuals, curvatures;
    };
    // Losses are asked for one by one on the fastest ISA, and in one sum on all of them.
    Results from_margins(Row& loss, Row& residual, const std::vector<T>& y, const ag_logistic_options& o) {
        const std::size_t n = margin_.size();
        ag_logistic_options sum = o;
        sum.reduction = AG_REDUCTION_SUM;
        Results results;
        results.residuals = on_every_isa(run_, residual, [&] {
            std::vector<T> out(n);
            check(
                test::Api<T>::from_margins(n, margin_.data(), y.data(), &sum, nullptr, out.data(), nullptr));
            return out;
        });
        results.curvatures = on_every_isa(run_, curvature_, [&] {
            std::vector<T> out(n);
            check(
                test::Api<T>::from_margins(n, margin_.data(), y.data(), &sum, nullptr, nullptr, out.data()));
            return out;
        });
        on_every_isa(run_, loss, [&] {
            std::vector<double> out(1);
            check(
                test::Api<T>::from_margins(n, margin_.data(), y.data(), &sum, out.data(), nullptr, nullptr));
            return out;
        });
        results.loss.resize(n);
#pragma omp parallel for schedule(static)
        for (std::size_t i = 0; i < n; ++i)
            check(
                test::Api<T>::from_margins(1, &margin_[i], &y[i], &sum, &results.loss[i], nullptr, nullptr));
        return results;
    }

    // Rows of the two classes.
    void measure_classes(const std::vector<T>& y, const ag_logistic_options& o) {
        const Results found = from_margins(loss_, residual_, y, o);
        const R a = static_cast<R>(o.positive_weight), b = static_cast<R>(o.negative_weight);
        see(loss_, [&](std::size_t i) {
            const AtMargin<R>& at = exact_[i];
            return y[i] > 0 ? error_of_product(found.loss[i], a, at.opposite_softplus)
                            : error_of_product(found.loss[i], b, at.softplus);
        });
        see(residual_, [&](std::size_t i) {
            const AtMargin<R>& at = exact_[i];
            return y[i] > 0 ? error_of_product(-found.residuals[i], a, at.opposite_sigmoid)
                            : error_of_product(found.residuals[i], b, at.sigmoid);
        });
        see(curvature_, [&](std::size_t i) {
            return error_of_product(found.curvatures[i], y[i] > 0 ? a : b, exact_[i].curvature());
        });
    }

    // Targets t between the classes, whose losses and residuals are sums of two terms.
    void measure_targets(const std::vector<T>& t, const ag_logistic_options& o) {
        const Results found = from_margins(target_loss_, target_residual_, t, o);
        const auto weights = [&](std::size_t i) {
            const R target = t[i];
            return std::pair<R, R>(static_cast<R>(o.positive_weight) * target,
                                   static_cast<R>(o.negative_weight) * (1 - target));
        };
        see(target_loss_, [&](std::size_t i) {
            const auto [a, b] = weights(i);
            return error_of_sum(found.loss[i], a, exact_[i].opposite_softplus, b, exact_[i].softplus);
        });
        see(target_residual_, [&](std::size_t i) {
            const auto [a, b] = weights(i);
            return error_of_sum(found.residuals[i], a, -exact_[i].opposite_sigmoid, b, exact_[i].sigmoid);
        });
        see(curvature_, [&](std::size_t i) {
            const auto [a, b] = weights(i);
            return error_of_product(found.curvatures[i], a + b, exact_[i].curvature());
        });
    }
    // T's spacing at a value that is multiplied by a weight: where the value itself was subnormal, its own.
    static R spacing(R weight, R value) {
        return std::fmax(reference::spacing<T>(weight * value), weight * reference::spacing<T>(value));
    }
    template <class Result>
    static double error_of(Result result, R exact, R unit) {
        if (!std::isfinite(result) || std::fabs(exact) > static_cast<R>(std::numeric_limits<T>::max()))
            return reference::ulps<T>(result, exact);
        return static_cast<double>(std::fabs(static_cast<R>(result) - exact) / unit);
    }
    template <class Result>
    static double error_of_product(Result result, R weight, R value) {
        return error_of(result, weight * value, spacing(weight, value));
    }
    // In units of the larger of two terms.
    template <class Result>
    static double error_of_sum(Result result, R a, R x, R b, R y) {
        return error_of(result, a * x + b * y, std::fmax(spacing(a, std::fabs(x)), spacing(b, std::fabs(y))));
    }

    // The functions over a matrix: a component of their results is one row's.
    void measure_matrix(const std::vector<T>& positive, const std::vector<T>& negative) {
        const std::size_t n = margin_.size();
        const test::Identity<T> X(n);
        const std::vector<T>&w = margin_, &ones = positive;
        ag_logistic_options sum = test::logistic_options();
        sum.reduction = AG_REDUCTION_SUM;
        const auto results_of = [&](Row& row, auto call) {
            return on_every_isa(run_, row, [&] {
                std::vector<T> out(n);
                check(call(out.data()));
                return out;
            });
        };
        const std::vector<T> probabilities = results_of(probability_, [&](T* out) {
            return test::logistic_probabilities(X.view(), w.data(), &sum, out);
        });
        see(probability_,
            [&](std::size_t i) { return reference::ulp_error(probabilities[i], exact_[i].sigmoid); });
        for (const std::vector<T>* y : {&positive, &negative}) {
            const std::vector<T> gradient = results_of(gradient_, [&](T* out) {
                return test::Api<T>::logistic_csr(X.view(), y->data(), w.data(), &sum, nullptr, out);
            });
            see(gradient_, [&](std::size_t i) {
                return reference::ulp_error(gradient[i],
                                            y == &positive ? -exact_[i].opposite_sigmoid : exact_[i].sigmoid);
            });
        }
        const std::vector<T> diagonal = results_of(diagonal_, [&](T* out) {
            return test::logistic_hessian_diagonal(X.view(), positive.data(), w.data(), &sum, out);
        });
        see(diagonal_,
            [&](std::size_t i) { return reference::ulp_error(diagonal[i], exact_[i].curvature()); });
        const std::vector<T> product = results_of(product_, [&](T* out) {
            return test::logistic_hessian_vector(X.view(), positive.data(), w.data(), ones.data(), &sum, out);
        });
        see(product_, [&](std::size_t i) { return reference::ulp_error(product[i], exact_[i].curvature()); });
    }

    Run& run_;
    std::vector<T> margin_;
    std::vector<AtMargin<R>> exact_;
    Row loss_ = {"`ag_logistic_from_margins`: loss of a row, two classes", type_name<T>, 4};
    Row residual_ = {"`ag_logistic_from_margins`: residual of a row, two classes", type_name<T>, 4};
    Row target_loss_ = {"`ag_logistic_from_margins`: loss of a row, target between the classes", type_name<T>,
                        8, "ULP of the larger term"};
    Row target_residual_ = {"`ag_logistic_from_margins`: residual of a row, target between the classes",
                            type_name<T>, 8, "ULP of the larger term"};
    Row curvature_ = {"`ag_logistic_from_margins`: curvature of a row", type_name<T>, 8};
    Row probability_ = {"`ag_logistic_probabilities`, given the margin", type_name<T>, 1};
    Row gradient_ = {"`ag_logistic`: derivative of a row's loss", type_name<T>, 4};
    Row diagonal_ = {"`ag_logistic_hessian_diagonal`, of one row", type_name<T>, 8};
    Row product_ = {"`ag_logistic_hessian_vector`, of one row", type_name<T>, 8};
};

template <class T>
void measure_type(Run& run) {
    Measurement<T> measurement(run);
    std::uint64_t number = 0;
    for_each_input<T>(run.stride, [&](const std::vector<T>& x) {
        std::vector<T> margins; // those that are not finite would make sums so
        margins.reserve(x.size());
        for (const T m : x)
            if (std::isfinite(m))
                margins.push_back(m);
        if (!margins.empty())
            measurement.measure_margins(margins, number++);
    });
    measurement.finish();
}

} // namespace

void measure_logistic(Run& run) {
    measure_type<float>(run);
    measure_type<double>(run);
}

} // namespace accuracy
