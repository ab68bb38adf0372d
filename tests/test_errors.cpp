// SPDX-License-Identifier: BSD-3-Clause
//
// Bad calls: each gives its status, a message that names the culprit, and leaves every output as it was.
#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

#include <functional>

namespace {

using namespace test;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Arguments that are all in order; each case spoils one thing.
template <class T>
struct Arguments {
    std::size_t n = 40;
    std::vector<T> w = normal_values<T>(40, 1), g = normal_values<T>(40, 2),
                   v = absolute(normal_values<T>(40, 3));
    std::vector<T> lambda = std::vector<T>(40, 1), low = std::vector<T>(40, -1), high = std::vector<T>(40, 1);
    T *w_pointer = w.data(), *v_pointer = v.data();
    const T *g_pointer = g.data(), *lambda_pointer = lambda.data();
    std::size_t t = 1;
    double epsilon = 0.1;
    ag_adagrad_options options = adagrad_options();
    ag_set set = make_set(AG_SET_BOX);
    const ag_set* set_pointer = &set;

    std::size_t rows = 30, cols = 40;
    std::vector<T> dense = normal_values<T>(30 * 40, 4), y = std::vector<T>(30, 1),
                   weight = std::vector<T>(30, 1);
    std::vector<std::int64_t> offsets, indices = {0, 29, 5};
    std::vector<std::int32_t> columns;
    std::vector<std::int64_t> columns64;
    typename Api<T>::Dense X = {30, 40, 40, dense.data()};
    typename Api<T>::Csr S = {30, 40, nullptr, nullptr, nullptr};
    typename Api<T>::Csr64 S64 = {30, 40, nullptr, nullptr, nullptr};
    const typename Api<T>::Dense* X_pointer = &X;
    const typename Api<T>::Csr* S_pointer = &S;
    const T* y_pointer = y.data();
    ag_logistic_options logistic = logistic_options();
    double loss = 7;
    double* loss_pointer = &loss;
    std::vector<T> gradient = std::vector<T>(41, 7);
    T* gradient_pointer = gradient.data();
    std::vector<T> out = std::vector<T>(30, 7), curvature = std::vector<T>(30, 7); // one per row
    T *out_pointer = out.data(), *curvature_pointer = curvature.data();
    ag_smoothness kind = AG_SMOOTHNESS_COORDINATE;
    std::vector<std::int64_t> out_columns = std::vector<std::int64_t>(40, 7);
    std::int64_t* out_columns_pointer = out_columns.data();
    std::size_t capacity = 40;
    std::size_t* capacity_pointer = &capacity;
    std::size_t bytes = 7;
    std::size_t* bytes_pointer = &bytes;

    Arguments() {
        for (std::int32_t i = 0; i <= 30; ++i)
            offsets.push_back(3 * i);
        for (std::int32_t k = 0; k < 90; ++k)
            columns.push_back(k * 7 % 40);
        S.row_offsets = offsets.data();
        S.columns = columns.data();
        columns64.assign(columns.begin(), columns.end());
        S64.row_offsets = offsets.data();
        S64.columns = columns64.data();
    }
    Arguments(const Arguments&) = delete;
    Arguments& operator=(const Arguments&) = delete;

    // Everything that a call may write.
    std::vector<T> outputs() const {
        std::vector<T> all = w;
        all.insert(all.end(), v.begin(), v.end());
        all.insert(all.end(), gradient.begin(), gradient.end());
        all.insert(all.end(), out.begin(), out.end());
        all.insert(all.end(), curvature.begin(), curvature.end());
        for (const std::int64_t column : out_columns)
            all.push_back(static_cast<T>(column));
        all.push_back(static_cast<T>(capacity));
        all.push_back(static_cast<T>(loss));
        all.push_back(static_cast<T>(bytes));
        return all;
    }
};

template <class T>
ag_status init(Arguments<T>& a) {
    return Api<T>::adagrad_init(a.n, a.v_pointer, a.epsilon);
}
template <class T>
ag_status step(Arguments<T>& a) {
    return Api<T>::adagrad_step(a.n, a.w_pointer, a.g_pointer, a.v_pointer, &a.options);
}
template <class T>
ag_status sgd(Arguments<T>& a) {
    return Api<T>::sgd_step(a.n, a.w_pointer, a.g_pointer, &a.options);
}
template <class T>
ag_status average(Arguments<T>& a) {
    return Api<T>::average(a.n, a.w_pointer, a.g_pointer, a.t);
}
template <class T>
ag_status projected(Arguments<T>& a) {
    return Api<T>::adagrad_step_projected(a.n, a.w_pointer, a.g_pointer, a.v_pointer, &a.options,
                                          a.set_pointer);
}
template <class T>
ag_status project(Arguments<T>& a) {
    return Api<T>::project(a.n, a.w_pointer, a.lambda_pointer, a.set_pointer);
}
template <class T>
ag_status exp(Arguments<T>& a) {
    return Api<T>::exp(a.n, a.g_pointer, a.w_pointer);
}
template <class T>
ag_status log1p(Arguments<T>& a) {
    return Api<T>::log1p(a.n, a.g_pointer, a.w_pointer);
}
template <class T>
ag_status sigmoid(Arguments<T>& a) {
    return Api<T>::sigmoid(a.n, a.g_pointer, a.w_pointer);
}
template <class T>
ag_status softplus(Arguments<T>& a) {
    return Api<T>::softplus(a.n, a.g_pointer, a.w_pointer);
}
template <class T>
ag_status dense(Arguments<T>& a) {
    return Api<T>::logistic_dense(a.X_pointer, a.y_pointer, a.w_pointer, &a.logistic, a.loss_pointer,
                                  a.gradient_pointer);
}
template <class T>
ag_status csr(Arguments<T>& a) {
    return Api<T>::logistic_csr(a.S_pointer, a.y_pointer, a.w_pointer, &a.logistic, a.loss_pointer,
                                a.gradient_pointer);
}
template <class T>
ag_status csr64(Arguments<T>& a) {
    return Api<T>::logistic_csr64(&a.S64, a.y_pointer, a.w_pointer, &a.logistic, a.loss_pointer,
                                  a.gradient_pointer);
}
template <class T>
ag_status margins(Arguments<T>& a) {
    return logistic_margins(a.X_pointer, a.w_pointer, &a.logistic, a.out_pointer);
}
template <class T>
ag_status probabilities(Arguments<T>& a) {
    return logistic_probabilities(a.S_pointer, a.w_pointer, &a.logistic, a.out_pointer);
}
template <class T>
ag_status from_margins(Arguments<T>& a) {
    return Api<T>::from_margins(a.rows, a.g_pointer, a.y_pointer, &a.logistic, a.loss_pointer, a.out_pointer,
                                a.curvature_pointer);
}
template <class T>
ag_status hessian_vector(Arguments<T>& a) {
    return logistic_hessian_vector(a.X_pointer, a.y_pointer, a.w_pointer, a.g_pointer, &a.logistic,
                                   a.gradient_pointer);
}
template <class T>
ag_status hessian_diagonal(Arguments<T>& a) {
    return logistic_hessian_diagonal(a.S_pointer, a.y_pointer, a.w_pointer, &a.logistic, a.gradient_pointer);
}
template <class T>
ag_status smoothness(Arguments<T>& a) {
    return logistic_smoothness(a.S_pointer, a.y_pointer, &a.logistic, a.kind, a.gradient_pointer);
}
template <class T>
ag_status noise(Arguments<T>& a) {
    return logistic_noise(a.X_pointer, a.y_pointer, a.w_pointer, &a.logistic, a.gradient_pointer);
}
template <class T>
ag_status sparse_gradient(Arguments<T>& a) {
    return logistic_sparse_gradient(a.S_pointer, a.y_pointer, a.w_pointer, &a.logistic, a.loss_pointer,
                                    a.capacity, a.out_columns_pointer, a.gradient_pointer, a.bytes_pointer);
}
template <class T>
ag_status sparse_gradient_workspace(Arguments<T>& a) {
    return logistic_sparse_gradient_workspace(a.S_pointer, &a.logistic, a.capacity_pointer, a.bytes_pointer);
}
template <class T>
ag_status shuffle(Arguments<T>& a) {
    return ag_shuffle_indices(a.n, 1, 2, a.out_columns_pointer);
}
template <class T>
ag_status dense_workspace(Arguments<T>& a) {
    return Api<T>::logistic_dense_workspace(a.X_pointer, &a.logistic, a.bytes_pointer);
}
template <class T>
ag_status csr_workspace(Arguments<T>& a) {
    return Api<T>::logistic_csr_workspace(a.S_pointer, &a.logistic, a.bytes_pointer);
}

template <class T>
struct BadCall {
    const char* culprit; // in the message
    ag_status status;
    ag_status (*call)(Arguments<T>&);
    std::function<void(Arguments<T>&)> spoil;
};

template <class T>
std::vector<BadCall<T>> bad_calls() {
    using A = Arguments<T>;
    constexpr std::size_t too_many = SIZE_MAX / 2;
    std::vector<BadCall<T>> all;
    const auto add = [&](const char* culprit, ag_status status, auto call, auto spoil) {
        all.push_back({culprit, status, call, spoil});
    };
    // The same fault in several functions.
    const auto add_to = [&](std::initializer_list<ag_status (*)(A&)> calls, const char* culprit,
                            ag_status status, std::function<void(A&)> spoil) {
        for (const auto call : calls)
            all.push_back({culprit, status, call, spoil});
    };

    // Missing arrays and absurd sizes.
    add_to({step<T>, projected<T>, sgd<T>, average<T>, project<T>, exp<T>, log1p<T>, sigmoid<T>, softplus<T>,
            dense<T>, csr<T>},
           "is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.w_pointer = nullptr; });
    add_to({step<T>, projected<T>, sgd<T>, average<T>, exp<T>, log1p<T>, sigmoid<T>, softplus<T>}, "is NULL",
           AG_ERROR_NULL_POINTER, [](A& a) { a.g_pointer = nullptr; });
    add_to({init<T>, step<T>, projected<T>}, "v is NULL", AG_ERROR_NULL_POINTER,
           [](A& a) { a.v_pointer = nullptr; });
    add_to({init<T>, step<T>, projected<T>, sgd<T>, average<T>, project<T>, exp<T>, log1p<T>, sigmoid<T>,
            softplus<T>},
           "elements", AG_ERROR_SIZE, [](A& a) { a.n = too_many; });
    add_to({dense<T>, csr<T>}, "y is NULL", AG_ERROR_NULL_POINTER, [](A& a) { a.y_pointer = nullptr; });
    add_to({projected<T>, project<T>}, "set is NULL", AG_ERROR_NULL_POINTER,
           [](A& a) { a.set_pointer = nullptr; });
    add_to({dense<T>, dense_workspace<T>}, "X is NULL", AG_ERROR_NULL_POINTER,
           [](A& a) { a.X_pointer = nullptr; });
    add_to({csr<T>, csr_workspace<T>}, "X is NULL", AG_ERROR_NULL_POINTER,
           [](A& a) { a.S_pointer = nullptr; });
    add("X->values", AG_ERROR_NULL_POINTER, dense<T>, [](A& a) { a.X.values = nullptr; });
    add("X->columns", AG_ERROR_NULL_POINTER, csr<T>, [](A& a) { a.S.columns = nullptr; });
    add_to({csr<T>, csr_workspace<T>}, "X->row_offsets", AG_ERROR_NULL_POINTER,
           [](A& a) { a.S.row_offsets = nullptr; });
    add_to({dense_workspace<T>, csr_workspace<T>}, "bytes is NULL", AG_ERROR_NULL_POINTER,
           [](A& a) { a.bytes_pointer = nullptr; });
    add_to({dense<T>, dense_workspace<T>}, "row_stride", AG_ERROR_SIZE, [](A& a) { a.X.row_stride = 39; });
    add_to({dense<T>, dense_workspace<T>}, "overflow", AG_ERROR_SIZE,
           [](A& a) { a.X.row_stride = SIZE_MAX / 4; });
    // The last row's end alone overflows.
    add_to({dense<T>, dense_workspace<T>}, "overflow", AG_ERROR_SIZE, [](A& a) {
        a.X.rows = 2;
        a.X.row_stride = SIZE_MAX - 38;
    });
    add_to({dense<T>, dense_workspace<T>}, "overflow", AG_ERROR_SIZE,
           [](A& a) { a.X.cols = a.X.row_stride = too_many; });
    add_to({dense<T>, dense_workspace<T>}, "X->cols", AG_ERROR_SIZE, [](A& a) {
        a.X.rows = 1;
        a.X.cols = a.X.row_stride = too_many;
    });
    add_to({csr<T>, csr_workspace<T>}, "X->cols", AG_ERROR_SIZE, [](A& a) { a.S.cols = too_many; });
    for (const std::size_t bad : {SIZE_MAX, SIZE_MAX - 1, too_many})
        add_to({csr<T>, csr_workspace<T>}, "X->row_offsets", AG_ERROR_SIZE, [=](A& a) { a.S.rows = bad; });
    add("X->rows", AG_ERROR_SIZE, dense_workspace<T>, [](A& a) {
        a.X.rows = too_many;
        a.X.cols = 0;
    });
    add_to({dense<T>, csr<T>, dense_workspace<T>, csr_workspace<T>}, "row_", AG_ERROR_SIZE, [](A& a) {
        a.logistic.row_indices = a.indices.data();
        a.logistic.row_count = too_many;
    });

    // Options.
    add_to({step<T>, projected<T>, sgd<T>}, "struct_size", AG_ERROR_STRUCT_SIZE,
           [](A& a) { a.options.struct_size = 0; });
    add_to({step<T>, projected<T>, sgd<T>}, "struct_size", AG_ERROR_STRUCT_SIZE,
           [](A& a) { a.options.struct_size = sizeof a.options + 8; });
    add_to({step<T>, projected<T>, sgd<T>}, "struct_size", AG_ERROR_STRUCT_SIZE,
           [](A& a) { a.options.struct_size = 12; });
    for (const double bad : {-1.0, nan, infinity, -infinity}) {
        add_to({step<T>, projected<T>, sgd<T>}, "learning_rate", AG_ERROR_INVALID_VALUE,
               [=](A& a) { a.options.learning_rate = bad; });
        add_to({step<T>, projected<T>, sgd<T>}, "epsilon", AG_ERROR_INVALID_VALUE,
               [=](A& a) { a.options.epsilon = bad; });
        add_to({step<T>, projected<T>, sgd<T>}, "options->weight_decay", AG_ERROR_INVALID_VALUE,
               [=](A& a) { a.options.weight_decay = bad; });
        add_to({step<T>, projected<T>, sgd<T>}, "decoupled_weight_decay", AG_ERROR_INVALID_VALUE,
               [=](A& a) { a.options.decoupled_weight_decay = bad; });
        add_to({dense<T>, csr<T>, dense_workspace<T>, csr_workspace<T>}, "l2", AG_ERROR_INVALID_VALUE,
               [=](A& a) { a.logistic.l2 = bad; });
        add("epsilon", AG_ERROR_INVALID_VALUE, init<T>, [=](A& a) { a.epsilon = bad; });
        add_to({projected<T>, project<T>}, "radius", AG_ERROR_INVALID_VALUE, [=](A& a) {
            a.set.kind = AG_SET_L2_BALL;
            a.set.radius = bad;
        });
        add_to({projected<T>, project<T>}, "radius", AG_ERROR_INVALID_VALUE, [=](A& a) {
            a.set.kind = AG_SET_LINF_BALL;
            a.set.radius = bad;
        });
    }
    add("epsilon^2", AG_ERROR_INVALID_VALUE, init<T>,
        [](A& a) { a.epsilon = double(std::numeric_limits<T>::max()); });
    for (const double bad : {nan, infinity, -infinity})
        add_to({step<T>, projected<T>, sgd<T>}, "gradient_scale", AG_ERROR_INVALID_VALUE,
               [=](A& a) { a.options.gradient_scale = bad; });
    if (sizeof(T) == 4)
        add_to({step<T>, projected<T>, sgd<T>}, "overflows", AG_ERROR_INVALID_VALUE,
               [](A& a) { a.options.learning_rate = 1e39; });
    for (const int bad : {-1, 3, 1000}) {
        add_to({step<T>, projected<T>, sgd<T>}, "epsilon_mode", AG_ERROR_INVALID_ENUM,
               [=](A& a) { a.options.epsilon_mode = bad; });
        add_to({step<T>, projected<T>, sgd<T>}, "options->math", AG_ERROR_INVALID_ENUM,
               [=](A& a) { a.options.math = bad < 0 ? bad : bad - 1; });
        add_to({dense<T>, csr<T>, dense_workspace<T>, csr_workspace<T>}, "labels", AG_ERROR_INVALID_ENUM,
               [=](A& a) { a.logistic.labels = bad; });
        add_to({dense<T>, csr<T>, dense_workspace<T>, csr_workspace<T>}, "reduction", AG_ERROR_INVALID_ENUM,
               [=](A& a) { a.logistic.reduction = bad < 0 ? bad : bad - 1; });
        add_to({projected<T>, project<T>}, "kind", AG_ERROR_INVALID_ENUM,
               [=](A& a) { a.set.kind = bad < 0 ? bad : bad + 100; });
    }
    add_to({projected<T>, project<T>}, "struct_size", AG_ERROR_STRUCT_SIZE,
           [](A& a) { a.set.struct_size = 1; });
    for (const std::size_t bad : {std::size_t(0), std::size_t(1000)})
        add_to({dense<T>, csr<T>, dense_workspace<T>, csr_workspace<T>}, "struct_size", AG_ERROR_STRUCT_SIZE,
               [=](A& a) { a.logistic.struct_size = bad; });
    add("t = 0", AG_ERROR_INVALID_VALUE, average<T>, [](A& a) { a.t = 0; });

    // Sets and weights.
    add_to({projected<T>, project<T>}, "lower", AG_ERROR_INVALID_VALUE, [](A& a) { a.set.lower = nan; });
    add_to({projected<T>, project<T>}, "upper", AG_ERROR_INVALID_VALUE, [](A& a) { a.set.upper = nan; });
    add_to({projected<T>, project<T>}, "lower", AG_ERROR_INVALID_VALUE, [](A& a) { a.set.lower = infinity; });
    add_to({projected<T>, project<T>}, "upper", AG_ERROR_INVALID_VALUE,
           [](A& a) { a.set.upper = -infinity; });
    add_to({projected<T>, project<T>}, "is above", AG_ERROR_INVALID_VALUE, [](A& a) {
        a.set.lower = 2;
        a.set.upper = 1;
    });
    for (const std::size_t position : {0, 17, 39}) {
        static const char* const places[] = {"[0]", "[17]", "[39]"};
        const char* place = places[position / 17];
        for (const double bad : {nan, 1.5})
            add_to({projected<T>, project<T>}, place, AG_ERROR_INVALID_VALUE, [=](A& a) {
                a.low[position] = static_cast<T>(bad);
                a.set.lower_bounds = a.low.data();
                a.set.upper_bounds = a.high.data();
            });
        add_to({projected<T>, project<T>}, place, AG_ERROR_INVALID_VALUE, [=](A& a) {
            a.high[position] = -3;
            a.set.upper_bounds = a.high.data();
            a.set.lower = -2;
        });
        for (const double bad : {0.0, -1.0, nan, infinity})
            add("lambda", AG_ERROR_INVALID_VALUE, project<T>,
                [=](A& a) { a.lambda[position] = static_cast<T>(bad); });
    }

    // Passes over the rows of a matrix.
    add_to({margins<T>, probabilities<T>, hessian_vector<T>, hessian_diagonal<T>, noise<T>}, "w is NULL",
           AG_ERROR_NULL_POINTER, [](A& a) { a.w_pointer = nullptr; });
    add_to({from_margins<T>, hessian_vector<T>, hessian_diagonal<T>, smoothness<T>, noise<T>}, "y is NULL",
           AG_ERROR_NULL_POINTER, [](A& a) { a.y_pointer = nullptr; });
    add_to({hessian_vector<T>, hessian_diagonal<T>, smoothness<T>, noise<T>}, "is NULL",
           AG_ERROR_NULL_POINTER, [](A& a) { a.gradient_pointer = nullptr; });
    add_to({margins<T>, probabilities<T>}, "is NULL", AG_ERROR_NULL_POINTER,
           [](A& a) { a.out_pointer = nullptr; });
    add("direction is NULL", AG_ERROR_NULL_POINTER, hessian_vector<T>, [](A& a) { a.g_pointer = nullptr; });
    add("margins is NULL", AG_ERROR_NULL_POINTER, from_margins<T>, [](A& a) { a.g_pointer = nullptr; });
    add("margins is NULL", AG_ERROR_NULL_POINTER, from_margins<T>, [](A& a) {
        a.g_pointer = nullptr;
        a.out_pointer = nullptr;
    });
    add_to({from_margins<T>, hessian_vector<T>, hessian_diagonal<T>, smoothness<T>, noise<T>}, "y[13]",
           AG_ERROR_LABEL, [](A& a) { a.y[13] = 3; });
    add_to({from_margins<T>, hessian_vector<T>, hessian_diagonal<T>, smoothness<T>, noise<T>},
           "sample_weight[13]", AG_ERROR_INVALID_VALUE, [](A& a) {
               a.weight[13] = -1;
               a.logistic.sample_weight = a.weight.data();
           });
    for (const std::int64_t bad : {std::int64_t(-1), std::int64_t(30)})
        add_to({margins<T>, probabilities<T>, from_margins<T>, hessian_vector<T>, hessian_diagonal<T>,
                smoothness<T>, noise<T>},
               "row_indices[1]", AG_ERROR_OUT_OF_RANGE, [=](A& a) {
                   a.indices[1] = bad;
                   a.logistic.row_indices = a.indices.data();
                   a.logistic.row_count = 3;
               });
    // A run of rows, whose end is beyond the last one.
    add_to({dense<T>, csr<T>, margins<T>, from_margins<T>, noise<T>}, "row_indices[2]", AG_ERROR_OUT_OF_RANGE,
           [](A& a) {
               a.indices = {28, 29, 30};
               a.logistic.row_indices = a.indices.data();
               a.logistic.row_count = 3;
           });
    // In a run of rows, positions are still those in the arrays.
    add_to({dense<T>, csr<T>, hessian_diagonal<T>}, "y[14]", AG_ERROR_LABEL, [](A& a) {
        a.y[14] = 0;
        a.indices = {13, 14, 15};
        a.logistic.row_indices = a.indices.data();
        a.logistic.row_count = 3;
    });
    add_to({csr<T>, probabilities<T>}, "X->columns[43]", AG_ERROR_OUT_OF_RANGE, [](A& a) {
        a.columns[43] = 40;
        a.indices = {13, 14, 15};
        a.logistic.row_indices = a.indices.data();
        a.logistic.row_count = 3;
    });
    for (const int bad : {-1, 2, 1000})
        add("kind", AG_ERROR_INVALID_ENUM, smoothness<T>, [=](A& a) { a.kind = bad; });
    add_to({margins<T>, probabilities<T>, from_margins<T>, hessian_vector<T>, hessian_diagonal<T>,
            smoothness<T>, noise<T>},
           "struct_size", AG_ERROR_STRUCT_SIZE, [](A& a) { a.logistic.struct_size = 4; });
    add_to({from_margins<T>, hessian_vector<T>, hessian_diagonal<T>, smoothness<T>, noise<T>}, "sum to 0",
           AG_ERROR_INVALID_VALUE, [](A& a) { a.logistic.positive_weight = 0; });
    add("residuals overlaps margins", AG_ERROR_OVERLAP, from_margins<T>, [](A& a) {
        a.out_pointer = a.g.data() + 1; // not where the margins begin
    });
    add("residuals overlaps y", AG_ERROR_OVERLAP, from_margins<T>, [](A& a) { a.out_pointer = a.y.data(); });
    add("overlaps", AG_ERROR_OVERLAP, from_margins<T>, [](A& a) { a.curvature_pointer = a.out_pointer; });
    add("curvatures overlaps margins", AG_ERROR_OVERLAP, from_margins<T>,
        [](A& a) { a.curvature_pointer = a.g.data(); });
    add_to({hessian_vector<T>, hessian_diagonal<T>, noise<T>}, "overlaps w", AG_ERROR_OVERLAP,
           [](A& a) { a.w_pointer = a.gradient_pointer; });
    add("product overlaps direction", AG_ERROR_OVERLAP, hessian_vector<T>,
        [](A& a) { a.g_pointer = a.gradient_pointer; });
    add("margins overlaps w", AG_ERROR_OVERLAP, margins<T>, [](A& a) { a.w_pointer = a.out_pointer; });

    // Sparse gradients, and shuffling. The rows hold all 40 columns.
    add("capacity = 39", AG_ERROR_SIZE, sparse_gradient<T>, [](A& a) { a.capacity = 39; });
    add("capacity = 40", AG_ERROR_SIZE, sparse_gradient<T>, [](A& a) {
        a.logistic.fit_intercept = 1;
        a.w.resize(41);
        a.w_pointer = a.w.data();
    });
    add_to({sparse_gradient<T>, sparse_gradient_workspace<T>}, "options->l2", AG_ERROR_INVALID_VALUE,
           [](A& a) { a.logistic.l2 = 0.5; });
    add_to({sparse_gradient<T>, shuffle<T>}, "is NULL", AG_ERROR_NULL_POINTER,
           [](A& a) { a.out_columns_pointer = nullptr; });
    add("values is NULL", AG_ERROR_NULL_POINTER, sparse_gradient<T>,
        [](A& a) { a.gradient_pointer = nullptr; });
    add_to({sparse_gradient<T>, sparse_gradient_workspace<T>}, "is NULL", AG_ERROR_NULL_POINTER,
           [](A& a) { a.bytes_pointer = nullptr; });
    add("capacity is NULL", AG_ERROR_NULL_POINTER, sparse_gradient_workspace<T>,
        [](A& a) { a.capacity_pointer = nullptr; });
    add_to({sparse_gradient<T>, sparse_gradient_workspace<T>}, "X is NULL", AG_ERROR_NULL_POINTER,
           [](A& a) { a.S_pointer = nullptr; });
    add("workspace_size", AG_ERROR_SIZE, sparse_gradient<T>, [](A& a) {
        static char memory[64];
        a.logistic.workspace = memory;
        a.logistic.workspace_size = sizeof memory;
    });
    add("y[3]", AG_ERROR_LABEL, sparse_gradient<T>, [](A& a) { a.y[3] = 0; });
    add_to({sparse_gradient<T>, sparse_gradient_workspace<T>}, "X->columns[5]", AG_ERROR_OUT_OF_RANGE,
           [](A& a) { a.columns[5] = 40; });
    add("values overlaps w", AG_ERROR_OVERLAP, sparse_gradient<T>,
        [](A& a) { a.w_pointer = a.gradient_pointer; });
    add("columns overlaps row_indices", AG_ERROR_OVERLAP, sparse_gradient<T>, [](A& a) {
        a.out_columns_pointer = a.offsets.data();
        a.logistic.row_indices = a.offsets.data();
        a.logistic.row_count = 1;
        a.S.row_offsets = nullptr;
        a.S.rows = 0;
        a.capacity = 3;
    });
    add("elements", AG_ERROR_SIZE, shuffle<T>, [](A& a) { a.n = too_many; });

    // Options of the logistic functions.
    for (const double bad : {-1.0, nan, infinity}) {
        add_to({dense<T>, csr<T>, from_margins<T>, dense_workspace<T>}, "options->positive_weight",
               AG_ERROR_INVALID_VALUE, [=](A& a) { a.logistic.positive_weight = bad; });
        add_to({dense<T>, csr<T>, margins<T>, csr_workspace<T>}, "options->negative_weight",
               AG_ERROR_INVALID_VALUE, [=](A& a) { a.logistic.negative_weight = bad; });
        add_to({dense<T>, csr<T>, noise<T>, csr_workspace<T>}, "options->label_smoothing",
               AG_ERROR_INVALID_VALUE, [=](A& a) { a.logistic.label_smoothing = bad; });
    }
    add_to({dense<T>, csr<T>}, "options->label_smoothing", AG_ERROR_INVALID_VALUE,
           [](A& a) { a.logistic.label_smoothing = 1.5; });
    for (const double bad : {-0.5, 1.5, nan})
        add_to({dense<T>, csr<T>, from_margins<T>}, "y[29]", AG_ERROR_LABEL, [=](A& a) {
            a.logistic.labels = AG_LABELS_PROBABILITY;
            a.y[29] = static_cast<T>(bad);
        });

    // Overlaps.
    add_to({step<T>, projected<T>, sgd<T>}, "overlaps g", AG_ERROR_OVERLAP,
           [](A& a) { a.g_pointer = a.w_pointer; });
    add_to({step<T>, projected<T>, sgd<T>}, "overlaps g", AG_ERROR_OVERLAP, [](A& a) {
        a.n = 30;
        a.g_pointer = a.w_pointer + 10;
    });
    add_to({step<T>, projected<T>}, "overlaps", AG_ERROR_OVERLAP, [](A& a) { a.v_pointer = a.w_pointer; });
    add_to({step<T>, projected<T>}, "v overlaps g", AG_ERROR_OVERLAP,
           [](A& a) { a.g_pointer = a.v_pointer; });
    add_to({exp<T>, log1p<T>, sigmoid<T>, softplus<T>}, "overlaps", AG_ERROR_OVERLAP, [](A& a) {
        a.n = 30;
        a.g_pointer = a.w_pointer + 1;
    });
    add("overlaps", AG_ERROR_OVERLAP, average<T>, [](A& a) { a.g_pointer = a.w_pointer; });
    add("lambda", AG_ERROR_OVERLAP, project<T>, [](A& a) { a.lambda_pointer = a.w_pointer; });
    add_to({projected<T>, project<T>}, "lower_bounds", AG_ERROR_OVERLAP,
           [](A& a) { a.set.lower_bounds = a.w_pointer; });
    add_to({projected<T>, project<T>}, "center", AG_ERROR_OVERLAP, [](A& a) {
        a.set.kind = AG_SET_L2_BALL;
        a.set.center = a.w_pointer;
    });
    add_to({dense<T>, csr<T>}, "gradient overlaps w", AG_ERROR_OVERLAP,
           [](A& a) { a.w_pointer = a.gradient_pointer; });
    add_to({dense<T>, csr<T>}, "gradient overlaps y", AG_ERROR_OVERLAP,
           [](A& a) { a.y_pointer = a.gradient_pointer; });
    add("gradient overlaps X->values", AG_ERROR_OVERLAP, dense<T>,
        [](A& a) { a.gradient_pointer = a.dense.data() + 1160; });
    add("loss overlaps", AG_ERROR_OVERLAP, dense<T>,
        [](A& a) { a.loss_pointer = reinterpret_cast<double*>(a.gradient_pointer); });
    add("workspace", AG_ERROR_OVERLAP, dense<T>, [](A& a) {
        a.logistic.workspace = a.w_pointer;
        a.logistic.workspace_size = 8;
    });

    // Data of the logistic loss.
    for (const double bad : {0.0, 2.0, -0.5, nan, infinity})
        add_to({dense<T>, csr<T>}, "y[13]", AG_ERROR_LABEL, [=](A& a) { a.y[13] = static_cast<T>(bad); });
    add_to({dense<T>, csr<T>}, "y[29]", AG_ERROR_LABEL, [](A& a) {
        a.logistic.labels = AG_LABELS_ZERO_ONE;
        a.y[29] = -1;
    });
    for (const double bad : {-1.0, nan, infinity})
        add_to({dense<T>, csr<T>}, "sample_weight[5]", AG_ERROR_INVALID_VALUE, [=](A& a) {
            a.weight[5] = static_cast<T>(bad);
            a.logistic.sample_weight = a.weight.data();
        });
    add_to({dense<T>, csr<T>}, "sum to 0", AG_ERROR_INVALID_VALUE, [](A& a) {
        std::fill(a.weight.begin(), a.weight.end(), T(0));
        a.logistic.sample_weight = a.weight.data();
    });
    add_to({dense<T>, csr<T>}, "sum to 0", AG_ERROR_INVALID_VALUE,
           [](A& a) { a.logistic.row_indices = a.indices.data(); });
    for (const std::int64_t bad :
         {std::int64_t(-1), std::int64_t(30), std::numeric_limits<std::int64_t>::max(),
          std::numeric_limits<std::int64_t>::min()})
        add_to({dense<T>, csr<T>}, "row_indices[1]", AG_ERROR_OUT_OF_RANGE, [=](A& a) {
            a.indices[1] = bad;
            a.logistic.row_indices = a.indices.data();
            a.logistic.row_count = 3;
        });
    for (const bool batch : {false, true}) {
        const auto with_batch = [=](A& a) {
            if (batch) {
                a.logistic.row_indices = a.indices.data();
                a.logistic.row_count = 3;
            }
        };
        for (const std::int32_t bad :
             {-1, 40, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()})
            for (const std::size_t position : {0, 16, 89})
                add("X->columns[", AG_ERROR_OUT_OF_RANGE, csr<T>, [=](A& a) {
                    a.columns[position] = bad;
                    with_batch(a);
                });
        for (const std::int64_t bad :
             {std::int64_t(-1), std::int64_t(40), (std::int64_t(1) << 32) + 1,
              std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min()})
            for (const std::size_t position : {0, 16, 89})
                add("X->columns[", AG_ERROR_OUT_OF_RANGE, csr64<T>, [=](A& a) {
                    a.columns64[position] = bad;
                    with_batch(a);
                });
        for (const std::int64_t bad :
             {std::int64_t(-1), std::int64_t(91), std::numeric_limits<std::int64_t>::max()})
            add("X->row_offsets[", AG_ERROR_OUT_OF_RANGE, csr<T>, [=](A& a) {
                a.offsets[5] = bad;
                with_batch(a);
            });
        add_to({csr<T>, csr_workspace<T>}, "X->row_offsets[30]", AG_ERROR_OUT_OF_RANGE, [=](A& a) {
            a.offsets[30] = -5;
            with_batch(a);
        });
    }
    return all;
}

template <class T>
class Errors : public ::testing::Test {};
TYPED_TEST_SUITE(Errors, Types);

TYPED_TEST(Errors, BadCallsWriteNothingAndSayWhy) {
    using T = TypeParam;
    // With batches of rows 0, 29 and 5 alone, entries 0 to 2, 15 to 17 and 87 to 89 are visited.
    std::size_t count = 0;
    on_every_isa([&](ag_isa) {
        for (const BadCall<T>& bad : bad_calls<T>()) {
            Arguments<T> arguments;
            bad.spoil(arguments);
            const std::vector<T> before = arguments.outputs();
            const ag_status status = bad.call(arguments);
            const std::string message = ag_last_error();
            ASSERT_EQ(status, bad.status) << bad.culprit << ": " << message;
            ASSERT_NE(message.find(bad.culprit), std::string::npos)
                << "\"" << message << "\" lacks " << bad.culprit;
            ASSERT_EQ(message.find("ag_"), 0u) << message;
            ASSERT_TRUE(same_bits(arguments.outputs(), before)) << bad.culprit;
            ++count;
        }
    });
    EXPECT_GE(count, 100u);
}

TYPED_TEST(Errors, GoodCallsSucceed) {
    using T = TypeParam;
    for (const auto call : {init<T>,
                            step<T>,
                            projected<T>,
                            sgd<T>,
                            average<T>,
                            project<T>,
                            exp<T>,
                            log1p<T>,
                            sigmoid<T>,
                            softplus<T>,
                            dense<T>,
                            csr<T>,
                            csr64<T>,
                            dense_workspace<T>,
                            csr_workspace<T>,
                            margins<T>,
                            probabilities<T>,
                            from_margins<T>,
                            hessian_vector<T>,
                            hessian_diagonal<T>,
                            smoothness<T>,
                            noise<T>}) {
        Arguments<T> arguments;
        EXPECT_EQ(call(arguments), AG_OK) << ag_last_error();
    }
}

TYPED_TEST(Errors, NoElementsNeedNoPointers) {
    using T = TypeParam;
    const ag_set box = make_set(AG_SET_BOX), ball = make_set(AG_SET_L2_BALL);
    EXPECT_EQ(Api<T>::adagrad_init(0, nullptr, 0), AG_OK);
    EXPECT_EQ(Api<T>::adagrad_step(0, nullptr, nullptr, nullptr, nullptr), AG_OK);
    EXPECT_EQ(Api<T>::adagrad_step_projected(0, nullptr, nullptr, nullptr, nullptr, &box), AG_OK);
    EXPECT_EQ(Api<T>::adagrad_step_projected(0, nullptr, nullptr, nullptr, nullptr, &ball), AG_OK);
    EXPECT_EQ(Api<T>::sgd_step(0, nullptr, nullptr, nullptr), AG_OK);
    EXPECT_EQ(Api<T>::average(0, nullptr, nullptr, 1), AG_OK);
    EXPECT_EQ(Api<T>::project(0, nullptr, nullptr, &ball), AG_OK);
    EXPECT_EQ(Api<T>::exp(0, nullptr, nullptr), AG_OK);
}

// Rows that a batch does not visit may hold anything.
TYPED_TEST(Errors, OnlyVisitedRowsAreChecked) {
    using T = TypeParam;
    Arguments<T> a;
    a.logistic.row_indices = a.indices.data();
    a.logistic.row_count = 3;
    a.logistic.sample_weight = a.weight.data();
    a.y[13] = 5;
    a.weight[13] = -1;
    a.columns[40] = -1;
    a.offsets[20] = 1000;
    EXPECT_EQ(dense(a), AG_OK) << ag_last_error();
    EXPECT_EQ(csr(a), AG_OK) << ag_last_error();
}

// ---- Bad elements, wherever they stand -----------------------------------------------------------------

// Arrays of n elements that are all in order, for the functions that search them for bad ones. The matrices
// have n rows: of one column, and of one stored entry.
template <class T>
struct LongArguments {
    std::size_t n;
    std::vector<T> x, g, v, lambda, low, high, y, weight, model;
    std::vector<std::int32_t> columns;
    std::vector<std::int64_t> offsets;
    typename Api<T>::Dense X;
    typename Api<T>::Csr S;
    ag_set set = make_set(AG_SET_BOX);
    ag_logistic_options logistic = logistic_options();

    explicit LongArguments(std::size_t size)
        : n(size), x(n, T(0.5)), g(n, 1), v(n, 1), lambda(n, 1), low(n, -1), high(n, 1), y(n, 1),
          weight(n, 1), model(40, 1), columns(n, 7),
          offsets(n + 1), X{n, 1, 1, x.data()}, S{n, 40, offsets.data(), columns.data(), nullptr} {
        for (std::size_t i = 0; i <= n; ++i)
            offsets[i] = static_cast<std::int64_t>(i);
    }
    LongArguments(const LongArguments&) = delete;
    LongArguments& operator=(const LongArguments&) = delete;

    // Changes an element until repair(). Numbers are double for every type of element.
    template <class Element>
    void spoil(std::vector<Element>& array, std::size_t position, double bad) {
        repairs.push_back([&array, position, good = array[position]] { array[position] = good; });
        array[position] = static_cast<Element>(bad);
    }
    void repair() {
        for (const auto& undo : repairs)
            undo();
        repairs.clear();
        set = make_set(AG_SET_BOX);
        logistic = logistic_options();
    }

private:
    std::vector<std::function<void()>> repairs;
};

template <class T>
struct Scan {
    const char* culprit; // in the message, before the position
    ag_status status;
    ag_status (*call)(LongArguments<T>&);
    std::vector<double> bad;
    void (*spoil)(LongArguments<T>&, std::size_t position, double bad);
};

template <class T>
std::vector<Scan<T>> scans() {
    using A = LongArguments<T>;
    const auto project = [](A& a) { return Api<T>::project(a.n, a.x.data(), a.lambda.data(), &a.set); };
    const auto projected_step = [](A& a) {
        return Api<T>::adagrad_step_projected(a.n, a.x.data(), a.g.data(), a.v.data(), nullptr, &a.set);
    };
    const auto dense = [](A& a) {
        return Api<T>::logistic_dense(&a.X, a.y.data(), a.model.data(), &a.logistic, nullptr, nullptr);
    };
    const auto csr = [](A& a) {
        return Api<T>::logistic_csr(&a.S, a.y.data(), a.model.data(), &a.logistic, nullptr, nullptr);
    };
    const auto lower_bound = [](A& a, std::size_t position, double bad) {
        a.set.lower_bounds = a.low.data();
        a.set.upper = 1;
        a.spoil(a.low, position, bad);
    };
    const auto upper_bound = [](A& a, std::size_t position, double bad) {
        a.set.lower = -1;
        a.set.upper_bounds = a.high.data();
        a.spoil(a.high, position, bad);
    };
    const auto lower_of_both = [](A& a, std::size_t position, double bad) {
        a.set.lower_bounds = a.low.data();
        a.set.upper_bounds = a.high.data();
        a.spoil(a.low, position, bad);
    };
    const auto upper_of_both = [](A& a, std::size_t position, double bad) {
        a.set.lower_bounds = a.low.data();
        a.set.upper_bounds = a.high.data();
        a.spoil(a.high, position, bad);
    };
    const auto linf_center = [](A& a, std::size_t position, double bad) {
        a.set.kind = AG_SET_LINF_BALL;
        a.set.center = a.low.data();
        a.spoil(a.low, position, bad);
    };
    const auto label = [](A& a, std::size_t position, double bad) { a.spoil(a.y, position, bad); };
    const auto zero_one_label = [](A& a, std::size_t position, double bad) {
        a.logistic.labels = AG_LABELS_ZERO_ONE;
        a.spoil(a.y, position, bad);
    };
    const auto probability = [](A& a, std::size_t position, double bad) {
        a.logistic.labels = AG_LABELS_PROBABILITY;
        a.spoil(a.y, position, bad);
    };
    const auto weight = [](A& a, std::size_t position, double bad) {
        a.logistic.sample_weight = a.weight.data();
        a.spoil(a.weight, position, bad);
    };
    return {
        {"lambda[",
         AG_ERROR_INVALID_VALUE,
         project,
         {0, -1, nan, infinity},
         [](A& a, std::size_t position, double bad) { a.spoil(a.lambda, position, bad); }},
        {"_bounds[", AG_ERROR_INVALID_VALUE, project, {nan, 1.5}, lower_bound},
        {"_bounds[", AG_ERROR_INVALID_VALUE, project, {nan, -1.5}, upper_bound},
        {"_bounds[", AG_ERROR_INVALID_VALUE, project, {nan, 1.5}, lower_of_both},
        {"_bounds[", AG_ERROR_INVALID_VALUE, projected_step, {nan, -1.5}, upper_of_both},
        {"set->center[", AG_ERROR_INVALID_VALUE, project, {nan}, linf_center},
        {"y[", AG_ERROR_LABEL, dense, {0, 2, -0.5, nan, infinity}, label},
        {"y[", AG_ERROR_LABEL, csr, {-1, 2, nan}, zero_one_label},
        {"y[", AG_ERROR_LABEL, dense, {-0.5, 1.5, nan, infinity}, probability},
        {"sample_weight[", AG_ERROR_INVALID_VALUE, dense, {-1, nan, infinity}, weight},
        {"sample_weight[", AG_ERROR_INVALID_VALUE, csr, {-1, nan, infinity}, weight},
        {"X->columns[",
         AG_ERROR_OUT_OF_RANGE,
         csr,
         {-1, 40, std::numeric_limits<std::int32_t>::max(), std::numeric_limits<std::int32_t>::min()},
         [](A& a, std::size_t position, double bad) { a.spoil(a.columns, position, bad); }},
        // The message has the offset's neighbour too.
        {"X->row_offsets[",
         AG_ERROR_OUT_OF_RANGE,
         csr,
         {-1, 1e6},
         [](A& a, std::size_t position, double bad) { a.spoil(a.offsets, position, bad); }},
    };
}

// Calls with the arguments as they are, repairs them, and checks that the call named this position.
template <class T>
void expect_found(const Scan<T>& scan, LongArguments<T>& a, std::size_t position) {
    const ag_status status = scan.call(a);
    const std::string message = ag_last_error(),
                      place = std::string("[").append(std::to_string(position)) + "]";
    a.repair();
    ASSERT_EQ(status, scan.status) << scan.culprit << position << ": " << message;
    ASSERT_NE(message.find(scan.culprit), std::string::npos) << message;
    ASSERT_NE(message.find(place), std::string::npos) << "\"" << message << "\" lacks " << place;
}

// Searches look at 4 packs at a time, and at the last elements one by one.
TYPED_TEST(Errors, ABadElementIsFoundAtEveryPosition) {
    using T = TypeParam;
    LongArguments<T> a(300);
    on_every_isa([&](ag_isa) {
        for (const Scan<T>& scan : scans<T>())
            for (const double bad : scan.bad)
                for (std::size_t position = 0; position < a.n; ++position) {
                    scan.spoil(a, position, bad);
                    ASSERT_NO_FATAL_FAILURE(expect_found(scan, a, position)) << "bad: " << bad;
                }
    });
}

// Searches are cut into blocks of 16 K elements, which threads share.
TYPED_TEST(Errors, TheFirstBadElementIsReported) {
    using T = TypeParam;
    constexpr std::size_t block = 16 * 1024;
    LongArguments<T> a(threaded_size);
    on_every_isa([&](ag_isa) {
        for (const int threads : {1, 2}) {
            ASSERT_EQ(ag_set_num_threads(threads), AG_OK);
            for (const Scan<T>& scan : scans<T>())
                for (const std::vector<std::size_t>& positions : {std::vector{block - 1},
                                                                  {block},
                                                                  {a.n - 1},
                                                                  {std::size_t(5), block + 1},
                                                                  {block + 5, a.n - 1},
                                                                  {3 * block - 1, 10 * block},
                                                                  {10 * block + 3, 10 * block + 500}}) {
                    for (const std::size_t position : positions)
                        scan.spoil(a, position, scan.bad[0]);
                    ASSERT_NO_FATAL_FAILURE(expect_found(scan, a, positions[0])) << "threads " << threads;
                }
        }
        ASSERT_EQ(ag_set_num_threads(0), AG_OK);
    });
}

// ---- The rest ------------------------------------------------------------------------------------------

// An older, smaller options struct is accepted, and what it lacks takes its default.
TEST(Options, AnOlderStructTakesDefaults) {
    ag_adagrad_options options = adagrad_options();
    options.struct_size = offsetof(ag_adagrad_options, weight_decay);
    options.learning_rate = 0.5;
    options.weight_decay = nan;
    options.gradient_scale = nan;
    std::vector<double> w = {1}, g = {1}, v = {0};
    ASSERT_EQ(ag_adagrad_step_f64(1, w.data(), g.data(), v.data(), &options), AG_OK) << ag_last_error();
    EXPECT_EQ(w[0], 0.5);
}

// A caller compiled against an older header has a smaller struct: nothing is written beyond it.
TEST(Options, InitStaysInsideAnOlderStruct) {
    ag_adagrad_options options;
    std::memset(&options, 0x55, sizeof options);
    ag_adagrad_options_init_sized(&options, offsetof(ag_adagrad_options, weight_decay));
    EXPECT_EQ(options.struct_size, offsetof(ag_adagrad_options, weight_decay));
    EXPECT_EQ(options.learning_rate, 0.01);
    const auto* bytes = reinterpret_cast<const unsigned char*>(&options);
    for (std::size_t i = options.struct_size; i < sizeof options; ++i)
        ASSERT_EQ(bytes[i], 0x55) << i;
    for (const std::size_t size : {std::size_t{0}, sizeof options + 1}) {
        ag_adagrad_options untouched = options;
        ag_adagrad_options_init_sized(&untouched, size);
        EXPECT_EQ(std::memcmp(&untouched, &options, sizeof options), 0);
    }
}

TEST(Options, InitFillsTheDocumentedDefaults) {
    const ag_adagrad_options o = adagrad_options();
    EXPECT_EQ(o.struct_size, sizeof o);
    EXPECT_EQ(o.learning_rate, 0.01);
    EXPECT_EQ(o.epsilon, 1e-10);
    EXPECT_EQ(o.epsilon_mode, AG_EPSILON_IN_STATE);
    EXPECT_EQ(o.gradient_scale, 1);
    EXPECT_EQ(o.weight_decay, 0);
    EXPECT_EQ(o.decoupled_weight_decay, 0);
    EXPECT_EQ(o.maximize, 0);
    EXPECT_EQ(o.math, AG_MATH_STRICT);
    const ag_set s = make_set(AG_SET_BOX);
    EXPECT_EQ(s.lower, -infinity);
    EXPECT_EQ(s.upper, infinity);
    EXPECT_EQ(s.radius, 1);
    ag_adagrad_options_init(nullptr);
    ag_set_init(nullptr);
    ag_logistic_options_init(nullptr);
}

TEST(Status, NamesAndMessages) {
    for (ag_status s = AG_OK; s <= AG_ERROR_NOT_PROJECTED; ++s)
        EXPECT_EQ(std::string(ag_status_string(s)).rfind("AG_", 0), 0u);
    EXPECT_STREQ(ag_status_string(-1), "unknown ag_status");
    EXPECT_STREQ(ag_status_string(1000), "unknown ag_status");
    // A success leaves the message alone.
    double x = 0;
    ASSERT_EQ(ag_exp_f64(1, nullptr, &x), AG_ERROR_NULL_POINTER);
    const std::string message = ag_last_error();
    ASSERT_EQ(ag_exp_f64(1, &x, &x), AG_OK);
    EXPECT_EQ(ag_last_error(), message);
}

} // namespace
