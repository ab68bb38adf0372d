// SPDX-License-Identifier: BSD-3-Clause
//
// Matrices and labels for the tests of the functions over rows.
#pragma once

#include "tests/reference/logistic.hpp"
#include "tests/support/api.hpp"
#include "tests/support/support.hpp"

namespace test {

// A matrix in every form: dense with a stride, CSR, and the reference's rows.
template <class T>
struct Matrix {
    std::size_t rows, cols, stride;
    std::vector<T> dense;
    std::vector<std::int64_t> offsets;
    std::vector<std::int32_t> columns;
    std::vector<std::int64_t> columns64;
    std::vector<T> values;
    reference::Rows<T> reference;

    typename Api<T>::Dense as_dense() const { return {rows, cols, stride, dense.data()}; }
    typename Api<T>::Csr as_csr() const {
        return {rows, cols, offsets.data(), columns.data(), values.data()};
    }
    typename Api<T>::Csr64 as_csr64() const {
        return {rows, cols, offsets.data(), columns64.data(), values.data()};
    }
};

// density: the share of entries that are stored. Rows have their columns in random order. The entries start
// at a first offset beyond 0, as those of a slice do.
template <class T>
Matrix<T> make_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed, double density = 1,
                      bool ones = false) {
    Random random(seed);
    Matrix<T> m;
    m.rows = rows;
    m.cols = cols;
    m.stride = cols + random.below(3);
    m.dense.assign(rows == 0 ? 0 : (rows - 1) * m.stride + cols, 0);
    m.reference.cols = cols;
    m.columns.assign(3, 1 << 30);
    m.values.assign(3, std::numeric_limits<T>::quiet_NaN());
    for (std::size_t i = 0; i < rows; ++i) {
        m.offsets.push_back(static_cast<std::int64_t>(m.columns.size()));
        m.reference.row.emplace_back();
        for (std::size_t k = 0; k < cols; ++k) {
            const std::size_t column = cols - 1 - k;
            if (random.uniform(0, 1) >= density)
                continue;
            const T value = ones ? T(1) : static_cast<T>(random.normal());
            m.dense[i * m.stride + column] = value;
            m.columns.push_back(static_cast<std::int32_t>(column));
            m.values.push_back(value);
            m.reference.row.back().emplace_back(column, value);
        }
    }
    m.offsets.push_back(static_cast<std::int64_t>(m.columns.size()));
    m.columns64.assign(m.columns.begin(), m.columns.end());
    return m;
}

// The sparse identity, whose margins are w.
template <class T>
class Identity {
public:
    explicit Identity(std::size_t n) : offsets_(n + 1), columns_(n) {
        for (std::size_t i = 0; i < n; ++i) {
            offsets_[i + 1] = static_cast<std::int64_t>(i + 1);
            columns_[i] = static_cast<std::int32_t>(i);
        }
        view_ = {n, n, offsets_.data(), columns_.data(), nullptr};
    }
    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;
    const typename Api<T>::Csr* view() const { return &view_; }

private:
    std::vector<std::int64_t> offsets_;
    std::vector<std::int32_t> columns_;
    typename Api<T>::Csr view_;
};

template <class T>
std::vector<T> random_signs(std::size_t n, std::uint64_t seed) {
    Random random(seed);
    std::vector<T> signs(n);
    for (T& s : signs)
        s = random.below(2) == 0 ? T(-1) : T(1);
    return signs;
}

template <class T>
std::vector<T> as_zero_one(std::vector<T> signs) {
    for (T& s : signs)
        s = s > 0 ? T(1) : T(0);
    return signs;
}

enum class Form { dense, csr, csr64 };
inline constexpr Form all_forms[] = {Form::dense, Form::csr, Form::csr64};

// action(pointer to the C struct of this form)
template <class T, class Action>
auto with_form(Form form, const Matrix<T>& X, Action action) {
    const auto dense = X.as_dense();
    const auto csr = X.as_csr();
    const auto csr64 = X.as_csr64();
    return form == Form::dense ? action(&dense) : form == Form::csr ? action(&csr) : action(&csr64);
}

} // namespace test
