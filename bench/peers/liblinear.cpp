// SPDX-License-Identifier: BSD-3-Clause
#include "bench/peers/peers.hpp"

#ifdef BENCH_HAS_LIBLINEAR
#include <linear.h>
#endif

#include <memory>
#include <vector>

namespace bench::peers {

// Its loss and gradient are not public; what train() does first is known of this version.
#if defined(BENCH_HAS_LIBLINEAR) && LIBLINEAR_VERSION == 230

namespace {

class Liblinear {
public:
    explicit Liblinear(const LogisticProblem<double>& p) : labels_(p.labels, p.labels + p.rows) {
        set_print_string_function([](const char*) {});
        nodes_.reserve(static_cast<std::size_t>(p.row_offsets[p.rows]) +
                       p.rows); // so that pointers to rows stay
        for (std::size_t i = 0; i < p.rows; ++i) {
            rows_.push_back(nodes_.data() + nodes_.size());
            for (std::int64_t k = p.row_offsets[i]; k < p.row_offsets[i + 1]; ++k)
                nodes_.push_back({p.columns[k] + 1, p.values[k]});
            nodes_.push_back({-1, 0});
        }
        problem_ = {static_cast<int>(p.rows), static_cast<int>(p.cols), labels_.data(), rows_.data(), -1};
        parameter_.solver_type = L2R_LR;
        // The gradient at the start is small enough: no step is made.
        parameter_.eps = 1e9;
        parameter_.C = 1;
        model_ = train_model();
        for (std::size_t j = 0; j < p.cols; ++j)
            model_->w[j] = p.w[j];
    }

    void train_without_a_step() const { train_model(); }
    void margins(double* out) const {
        for (std::size_t i = 0; i < rows_.size(); ++i)
            predict_values(model_.get(), rows_[i], out + i);
    }

private:
    struct Free {
        void operator()(model* m) const { free_and_destroy_model(&m); }
    };
    using Model = std::unique_ptr<model, Free>;

    Model train_model() const { return Model(train(&problem_, &parameter_)); }

    std::vector<double> labels_;
    std::vector<feature_node> nodes_;
    std::vector<feature_node*> rows_;
    problem problem_ = {};
    parameter parameter_ = {};
    Model model_;
};

} // namespace

LiblinearFunctions liblinear(const LogisticProblem<double>& p, double* margins) {
    // Made by the first call.
    const auto kept = std::make_shared<std::unique_ptr<Liblinear>>();
    const auto problem = [=]() -> const Liblinear& {
        if (*kept == nullptr)
            *kept = std::make_unique<Liblinear>(p);
        return **kept;
    };
    return {[=] { problem().train_without_a_step(); }, [=] { problem().margins(margins); }};
}

#else

LiblinearFunctions liblinear(const LogisticProblem<double>&, double*) {
    return {};
}

#endif

} // namespace bench::peers
