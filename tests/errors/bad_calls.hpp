// SPDX-License-Identifier: BSD-3-Clause
//
// Tables of bad calls. A row is a call whose arguments are all in order but for one, with its status and a part of the
// message, which names the culprit.
#pragma once

#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

#include <functional>
#include <map>
#include <memory>

namespace test {

inline constexpr double infinity = std::numeric_limits<double>::infinity();
inline constexpr double nan = std::numeric_limits<double>::quiet_NaN();
inline constexpr std::size_t too_many = SIZE_MAX / 2; // elements, of any type

// A function, called with the arguments that it takes of many.
template <class Arguments>
struct Function {
    std::string name;
    ag_status (*call)(Arguments&);
};

// The names of f32's and f64's functions.
template <class T>
std::string typed(const char* name) {
    return std::string(name) + (sizeof(T) == 4 ? "_f32" : "_f64");
}

struct Outcome {
    ag_status status;
    std::string message;
    bool untouched; // every byte of the arguments and of their arrays
};

struct BadCall {
    std::string function, culprit;
    ag_status status;
    std::function<Outcome()> make;
};

class BadCalls {
public:
    // The same fault in several functions. Arguments: holds all arrays within itself, so that its bytes are all that
    // a call can write; set_up() makes it good for every one of its functions.
    template <class Arguments>
    void add(const std::vector<Function<Arguments>>& functions, const std::string& culprit, ag_status status,
             std::type_identity_t<std::function<void(Arguments&)>> spoil) {
        static_assert(std::is_trivially_copyable_v<Arguments>);
        for (const Function<Arguments>& function : functions) {
            calls_.push_back({function.name, culprit, status, [=] { return make(function, spoil); }});
            good_calls_.try_emplace(function.name, [=] { return make(function, {}); });
        }
    }

    const std::vector<BadCall>& calls() const { return calls_; }
    const std::map<std::string, std::function<Outcome()>>& good_calls() const { return good_calls_; }

private:
    template <class Arguments>
    static Outcome make(const Function<Arguments>& function, const std::function<void(Arguments&)>& spoil) {
        const auto arguments = std::make_unique<Arguments>(); // its padding is 0
        arguments->set_up();
        if (spoil)
            spoil(*arguments);
        const auto* bytes = reinterpret_cast<const unsigned char*>(arguments.get());
        const std::vector<unsigned char> before(bytes, bytes + sizeof(Arguments));
        const ag_status status = function.call(*arguments);
        return {status, ag_last_error(), std::memcmp(bytes, before.data(), before.size()) == 0};
    }

    std::vector<BadCall> calls_;
    std::map<std::string, std::function<Outcome()>> good_calls_;
};

// The tables, one for each kind of arguments.
void add_vectors(BadCalls& table);
void add_short_numbers(BadCalls& table);
void add_tensor_lists(BadCalls& table);
void add_listed_rows(BadCalls& table);
void add_projections(BadCalls& table);
void add_matrices(BadCalls& table);
void add_margins(BadCalls& table);
void add_process_settings(BadCalls& table);

// Arguments::options is what the functions are given.
template <class T, class Arguments>
void add_adagrad_options(BadCalls& table, const std::vector<Function<Arguments>>& functions) {
    using O = ag_adagrad_options;
    const auto add = [&](const char* culprit, ag_status status, auto spoil) {
        table.add(functions, culprit, status, [=](Arguments& a) { spoil(a.options); });
    };
    for (const std::size_t bad : {std::size_t(0), std::size_t(12), sizeof(O) + 8, SIZE_MAX})
        add("options: struct_size", AG_ERROR_STRUCT_SIZE, [=](O& o) { o.struct_size = bad; });
    struct Number {
        const char* name;
        double O::*field;
        bool may_be_negative;
    };
    for (const Number& number : {Number{"options->learning_rate", &O::learning_rate, false},
                                 {"options->epsilon", &O::epsilon, false},
                                 {"options->weight_decay", &O::weight_decay, false},
                                 {"options->decoupled_weight_decay", &O::decoupled_weight_decay, false},
                                 {"options->gradient_scale", &O::gradient_scale, true},
                                 {"options->l1", &O::l1, false},
                                 {"options->l2", &O::l2, false}}) {
        for (const double bad : {-1.0, nan, infinity, -infinity})
            if (bad != -1 || !number.may_be_negative)
                add(number.name, AG_ERROR_INVALID_VALUE, [=](O& o) { o.*number.field = bad; });
        if (sizeof(T) == 4)
            add(number.name, AG_ERROR_INVALID_VALUE, [=](O& o) { o.*number.field = 1e39; });
    }
    for (const std::int32_t bad : {-1, 3, 1000}) {
        add("options->epsilon_mode", AG_ERROR_INVALID_ENUM, [=](O& o) { o.epsilon_mode = bad; });
        add("options->math", AG_ERROR_INVALID_ENUM, [=](O& o) { o.math = bad; });
        add("options->rounding", AG_ERROR_INVALID_ENUM, [=](O& o) { o.rounding = bad; });
    }
    add("options->math = 2", AG_ERROR_INVALID_ENUM, [](O& o) { o.math = AG_MATH_FAST + 1; });
    add("options->rounding = 2", AG_ERROR_INVALID_ENUM,
        [](O& o) { o.rounding = AG_ROUNDING_STOCHASTIC + 1; });
}

// The same. T: the element type.
template <class T, class Arguments>
void add_logistic_options(BadCalls& table, const std::vector<Function<Arguments>>& functions) {
    using O = ag_logistic_options;
    const auto add = [&](const char* culprit, ag_status status, auto spoil) {
        table.add(functions, culprit, status, [=](Arguments& a) { spoil(a.options); });
    };
    for (const std::size_t bad : {std::size_t(0), std::size_t(4), sizeof(O) + 8, SIZE_MAX})
        add("options: struct_size", AG_ERROR_STRUCT_SIZE, [=](O& o) { o.struct_size = bad; });
    for (const std::int32_t bad : {-1, 3, 1000}) {
        add("options->labels", AG_ERROR_INVALID_ENUM, [=](O& o) { o.labels = bad; });
        add("options->reduction", AG_ERROR_INVALID_ENUM, [=](O& o) { o.reduction = bad; });
    }
    add("options->reduction = 2", AG_ERROR_INVALID_ENUM, [](O& o) { o.reduction = AG_REDUCTION_SUM + 1; });
    for (const auto& [name, field] : {std::pair{"options->l2", &O::l2},
                                      {"options->positive_weight", &O::positive_weight},
                                      {"options->negative_weight", &O::negative_weight},
                                      {"options->label_smoothing", &O::label_smoothing}}) {
        for (const double bad : {-1.0, nan, infinity, -infinity})
            add(name, AG_ERROR_INVALID_VALUE, [=, f = field](O& o) { o.*f = bad; });
        if (sizeof(T) == 4)
            add(name, AG_ERROR_INVALID_VALUE, [=, f = field](O& o) { o.*f = 1e39; });
    }
    add("options->label_smoothing = 1.5", AG_ERROR_INVALID_VALUE, [](O& o) { o.label_smoothing = 1.5; });
}

} // namespace test
