# SPDX-License-Identifier: BSD-3-Clause
"""Logistic and softmax functions: against NumPy in long double, and every form of a matrix against the others."""

import itertools

import numpy as np
import pytest

import anisograd

sparse = pytest.importorskip("scipy.sparse")

FLOATS = [np.float32, np.float64]
ROWS, COLS = 60, 17


class Problem:
    def __init__(self, dtype, seed=7):
        random = np.random.default_rng(seed)
        self.X = (random.standard_normal((ROWS, COLS)) * (random.random((ROWS, COLS)) < 0.4)).astype(dtype)
        self.y = random.choice([-1, 1], ROWS).astype(dtype)
        self.w = random.standard_normal(COLS + 1).astype(dtype)
        self.direction = random.standard_normal(COLS + 1).astype(dtype)
        self.sample_weight = random.random(ROWS).astype(dtype)
        self.row_indices = random.integers(0, ROWS, 25)
        self.classes = random.integers(0, 4, ROWS).astype(np.int32)
        self.class_w = random.standard_normal((4, COLS + 1)).astype(dtype)

    def options(self):
        return {"fit_intercept": True, "sample_weight": self.sample_weight, "row_indices": self.row_indices, "l2": 0.1}

    def visited(self):
        """X with its column of ones, y, and the weights of the rows of options, in long double."""
        rows = self.row_indices
        X = np.column_stack([self.X[rows], np.ones(rows.size)]).astype(np.longdouble)
        return X, self.y[rows].astype(np.longdouble), self.sample_weight[rows].astype(np.longdouble)


def matrices(X, index_types=(np.int32, np.int64)):
    """X as each kind of matrix that is accepted."""
    yield X
    wide = np.zeros((2 * X.shape[0], X.shape[1] + 3), X.dtype)
    wide[::2, :-3] = X
    yield wide[::2, :-3]
    for index_type in index_types:
        csr = sparse.csr_array(X)
        csr.indptr, csr.indices = csr.indptr.astype(index_type), csr.indices.astype(index_type)
        yield csr
        yield sparse.csr_matrix(csr)
        yield anisograd.Csr.of(csr)
        yield anisograd.Csr(csr.indptr, csr.indices.astype(np.int64), csr.data, csr.shape)


def sums_tolerance(terms, dtype):
    """How far sums of rounded terms may lie apart, in any order, where each term is within 16 ULP (the header's 4 or 8,
    and a margin's own error, below): n additions, and some operations at the end."""
    unit = np.finfo(dtype).eps
    return (terms.shape[0] + 16 + 8) * unit * np.abs(terms).sum(axis=0)


def margin_error(X, w, dtype):
    """Of a sum of rounded products, in any order: that of the margin of each row."""
    return (X.shape[1] + 2) * np.finfo(dtype).eps * (np.abs(X) @ np.abs(w))


@pytest.mark.parametrize("dtype", FLOATS)
def test_logistic_functions_against_numpy(dtype):
    problem = Problem(dtype)
    X, y, s = problem.visited()
    w = problem.w.astype(np.longdouble)
    l2 = np.full(COLS + 1, 0.1, np.longdouble)
    l2[-1] = 0
    S = s.sum()
    m, error = X @ w, margin_error(X, w, dtype)
    p = 1 / (1 + np.exp(-m))
    # Derivatives of the loss by the margin: at most 1, 1/4 and 1/10.
    losses, residuals, curvatures = np.log1p(np.exp(-y * m)), p - (y > 0), p * (1 - p)
    loss = (s * losses).sum() / S + (l2 * w * w).sum() / 2
    loss_tolerance = sums_tolerance(s * losses, dtype) / S + (s * error).sum() / S + 8 * np.finfo(dtype).eps * loss

    def columns(rows, row_error, power=1):
        """sum_i s_i rows_i x_ij^power / S, and its tolerance."""
        terms = (s * rows)[:, None] * X**power
        return terms.sum(axis=0) / S, (sums_tolerance(terms, dtype)
                                       + ((s * row_error)[:, None] * np.abs(X)**power).sum(axis=0)) / S

    d = problem.direction.astype(np.longdouble)
    product_error = curvatures * margin_error(X, d, dtype) + error / 10 * np.abs(X @ d)
    expected = {
        "gradient": columns(residuals, error / 4), "product": columns(curvatures * (X @ d), product_error),
        "diagonal": columns(curvatures, error / 10, 2),
    }
    absolute = 8 * np.finfo(dtype).eps

    for matrix in matrices(problem.X):
        options = problem.options()
        found, gradient = anisograd.logistic(matrix, problem.y, problem.w, **options)
        assert abs(found - loss) <= loss_tolerance
        margins = anisograd.logistic_margins(matrix, problem.w, **options)
        assert (np.abs(margins - m) <= error).all()
        probabilities = anisograd.logistic_probabilities(matrix, problem.w, **options)
        assert probabilities.tobytes() == anisograd.sigmoid(margins).tobytes()
        product = anisograd.logistic_hessian_vector(matrix, problem.y, problem.w, problem.direction, **options)
        diagonal = anisograd.logistic_hessian_diagonal(matrix, problem.y, problem.w, **options)
        for name, result, regular in (("gradient", gradient, l2 * w), ("product", product, l2 * d),
                                      ("diagonal", diagonal, l2)):
            value, tolerance = expected[name]
            assert (np.abs(result - value - regular) <= tolerance + absolute * (np.abs(value) + np.abs(regular))).all()
            assert result.dtype == dtype and result.shape == (COLS + 1,)

        layer = anisograd.logistic_from_margins(margins, problem.y, row_indices=problem.row_indices,
                                                sample_weight=problem.sample_weight)
        for result, value, factor in ((layer.residuals, residuals, 0.25), (layer.curvatures, curvatures, 0.1)):
            assert (np.abs(result - s * value) <= s * (error * factor + absolute * (np.abs(value) + absolute))).all()
        assert abs(layer.loss + (l2 * w * w).sum() / 2 - loss) <= loss_tolerance

        # The noise and the smoothness have cancelling and plain sums of the same kind.
        g = s[:, None] * 0 + residuals[:, None] * X
        mean = (s[:, None] * g).sum(axis=0) / S
        variance = (s[:, None] * g * g).sum(axis=0) / S - mean**2
        second = sums_tolerance(s[:, None] * g * g, dtype) / S + 4 * np.abs(mean) * expected["gradient"][1]
        second = second + ((s * error)[:, None] * np.abs(g * X)).sum(axis=0) / S
        noise = anisograd.logistic_noise(matrix, problem.y, problem.w, **options)
        assert (np.abs(noise.astype(np.longdouble)**2 - variance) <= 2 * second + absolute * variance).all()
        for kind, factors in ("coordinate", np.abs(X)), ("anisotropic", np.abs(X).sum(axis=1)[:, None]):
            terms = s[:, None] * np.abs(X) * factors / (4 * S)
            constants = anisograd.logistic_smoothness(matrix, problem.y, kind, **options)
            value = terms.sum(axis=0) + l2
            assert (np.abs(constants - value) <= sums_tolerance(terms, dtype) * 2 + absolute * value).all()


@pytest.mark.parametrize("dtype", FLOATS)
def test_softmax_against_numpy(dtype):
    problem = Problem(dtype)
    X, _, s = problem.visited()
    y = problem.classes[problem.row_indices]
    W = problem.class_w.astype(np.longdouble)
    m = X @ W.T
    error = max(margin_error(X, W.T, dtype).max(), 0)
    m -= m.max(axis=1, keepdims=True)
    log_sum = np.log(np.exp(m).sum(axis=1))
    p = np.exp(m - log_sum[:, None])
    losses = log_sum - m[np.arange(y.size), y]
    expected_loss = (s * losses).sum() / s.sum() + 0.05 * (W[:, :-1]**2).sum()
    residuals = p - (np.arange(4) == y[:, None])
    # log p changes by at most twice as much as the margins do, p by half of that, and the rounded differences of
    # margins by an ULP of them.
    error += np.finfo(dtype).eps * np.abs(m).max()
    unit = np.finfo(dtype).eps
    for matrix in matrices(problem.X):
        loss, gradient = anisograd.softmax(matrix, problem.classes, problem.class_w, **problem.options())
        tolerance = 2 * error + sums_tolerance(s * losses, dtype) / s.sum() + 8 * unit * expected_loss
        assert abs(loss - expected_loss) <= tolerance
        for k in range(4):
            terms = (s * residuals[:, k])[:, None] * X / s.sum()
            value = terms.sum(axis=0) + 0.1 * np.append(W[k, :-1], 0)
            mean_row = (s[:, None] * np.abs(X)).sum(axis=0) / s.sum()
            tolerance = sums_tolerance(terms, dtype) + mean_row * (error + 10 * unit)
            assert (np.abs(gradient[k] - value) <= tolerance + 8 * unit * np.abs(W[k])).all()


FUNCTIONS = {
    "logistic": lambda X, q, **o: anisograd.logistic(X, q.y, q.w, **o)[1],
    "margins": lambda X, q, **o: anisograd.logistic_margins(X, q.w, **o),
    "probabilities": lambda X, q, **o: anisograd.logistic_probabilities(X, q.w, **o),
    "hessian_vector": lambda X, q, **o: anisograd.logistic_hessian_vector(X, q.y, q.w, q.direction, **o),
    "hessian_diagonal": lambda X, q, **o: anisograd.logistic_hessian_diagonal(X, q.y, q.w, **o),
    "noise": lambda X, q, **o: anisograd.logistic_noise(X, q.y, q.w, **o),
    "smoothness": lambda X, q, **o: anisograd.logistic_smoothness(X, q.y, "coordinate", **o),
    "softmax": lambda X, q, **o: anisograd.softmax(X, q.classes, q.class_w, **o)[1],
}


@pytest.mark.parametrize("dtype, name", itertools.product(FLOATS, FUNCTIONS))
def test_forms_of_one_matrix_give_the_same_bits(dtype, name):
    problem, function = Problem(dtype), FUNCTIONS[name]
    forms = list(matrices(problem.X))
    for group in (forms[:2], forms[2:]):
        results = {function(matrix, problem, **problem.options()).tobytes() for matrix in group}
        assert len(results) == 1
    # out= is written, returned, and gives the same; without an intercept too.
    for matrix, intercept in itertools.product((forms[0], forms[2]), (True, False)):
        if not intercept:
            problem.w, problem.direction = problem.w[:COLS].copy(), problem.direction[:COLS].copy()
            problem.class_w = problem.class_w[:, :COLS].copy()
        options = {**problem.options(), "fit_intercept": intercept}
        expected = function(matrix, problem, **options)
        out = np.full_like(expected, np.nan)
        assert function(matrix, problem, out=out, **options) is out and out.tobytes() == expected.tobytes()
        problem = Problem(dtype)


@pytest.mark.parametrize("dtype", FLOATS)
def test_workspaces(dtype):
    problem = Problem(dtype)
    workspaces = {"logistic": anisograd.logistic_workspace, "hessian_vector": anisograd.logistic_workspace,
                  "hessian_diagonal": anisograd.logistic_columns_workspace,
                  "smoothness": anisograd.logistic_columns_workspace, "noise": anisograd.logistic_columns_workspace,
                  "softmax": lambda X, **options: anisograd.softmax_workspace(X, 4, **options)}
    for name, size in workspaces.items():
        for matrix in matrices(problem.X):
            options = problem.options()
            expected = FUNCTIONS[name](matrix, problem, **options).tobytes()
            count = size(matrix, **options)
            workspace = np.empty(count, np.uint8)
            assert FUNCTIONS[name](matrix, problem, workspace=workspace, **options).tobytes() == expected
            # The columns functions' sizes suffice, and may be more than is needed.
            if count > 0 and size is not anisograd.logistic_columns_workspace:
                with pytest.raises(anisograd.ArgumentError, match="workspace") as caught:
                    FUNCTIONS[name](matrix, problem, workspace=workspace[1:], **options)
                assert caught.value.status is anisograd.Status.SIZE


@pytest.mark.parametrize("dtype, index", itertools.product(FLOATS, [np.int32, np.int64]))
def test_matrices_of_ones(dtype, index):
    problem = Problem(dtype)
    csr = sparse.csr_array((problem.X != 0).astype(dtype))
    ones = anisograd.Csr(csr.indptr, csr.indices.astype(index), None, csr.shape)
    for function in FUNCTIONS.values():
        ours, expected = (function(matrix, problem, **problem.options()) for matrix in (ones, csr))
        assert ours.tobytes() == expected.tobytes()
    for size in (anisograd.logistic_workspace, anisograd.logistic_columns_workspace,
                 anisograd.logistic_sparse_gradient_workspace):
        assert size(ones, dtype=dtype) == size(csr)
    assert anisograd.softmax_workspace(ones, 3, dtype=dtype) == anisograd.softmax_workspace(csr, 3)


@pytest.mark.parametrize("bf16", [False, True])
def test_matrices_of_16_bits(bf16):
    problem = Problem(np.float32)
    short = (anisograd.bf16_from_f32 if bf16 else anisograd.f16_from_f32)(problem.X)
    wide = (anisograd.f32_from_bf16 if bf16 else anisograd.f32_from_f16)(short)
    for name in "logistic", "margins", "probabilities":
        ours = FUNCTIONS[name](short[::2], Halved(problem), bf16=bf16, fit_intercept=True)
        assert ours.tobytes() == FUNCTIONS[name](wide[::2], Halved(problem), fit_intercept=True).tobytes()
    assert anisograd.logistic_workspace(short, bf16=bf16) >= 0
    with pytest.raises(TypeError, match="^X: " + ("expected bf16=True" if bf16 else "expected uint16")):
        anisograd.logistic(short, problem.y, problem.w, bf16=not bf16, fit_intercept=True)
    with pytest.raises(TypeError, match="^X: "):
        anisograd.softmax(short, problem.classes, problem.class_w, fit_intercept=True)


class Halved:
    """A problem with every second row."""

    def __init__(self, problem):
        self.w, self.y = problem.w, problem.y[::2].copy()


@pytest.mark.parametrize("dtype", FLOATS)
def test_sparse_gradients(dtype):
    problem = Problem(dtype)
    for matrix in itertools.islice(matrices(problem.X), 2, None):
        options = {"row_indices": problem.row_indices[:3].copy(), "fit_intercept": True}
        loss, gradient = anisograd.logistic(matrix, problem.y, problem.w, **options)
        found, columns, values = anisograd.logistic_sparse_gradient(matrix, problem.y, problem.w, **options)
        expected = np.flatnonzero(np.append(problem.X[options["row_indices"]].any(axis=0), True))
        assert found == loss and (columns == expected).all()
        assert values[:-1].tobytes() == gradient[columns[:-1]].tobytes()  # one chunk
        np.testing.assert_allclose(values[-1], gradient[-1], rtol=8 * np.finfo(dtype).eps)  # summed otherwise
        capacity, count = anisograd.logistic_sparse_gradient_workspace(matrix, **options)
        out = np.empty(capacity, np.int64), np.empty(capacity, dtype)
        _, columns, values_again = anisograd.logistic_sparse_gradient(
            matrix, problem.y, problem.w, loss=False, out=out, workspace=np.empty(count, np.uint8), **options)
        assert columns.base is out[0] and values_again.tobytes() == values.tobytes()
        with pytest.raises(anisograd.ArgumentError):
            anisograd.logistic_sparse_gradient(matrix, problem.y, problem.w, out=(out[0][:1], out[1][:1]), **options)
    with pytest.raises(TypeError, match="^X: .*dense"):
        anisograd.logistic_sparse_gradient(problem.X, problem.y, problem.w, fit_intercept=True)


def test_what_is_not_wanted_is_none():
    problem = Problem(np.float64)
    for function, y, w in ((anisograd.logistic, problem.y, problem.w),
                           (anisograd.softmax, problem.classes, problem.class_w)):
        loss, gradient = function(problem.X, y, w, fit_intercept=True)
        assert function(problem.X, y, w, gradient=False, fit_intercept=True) == (loss, None)
        alone = function(problem.X, y, w, loss=False, fit_intercept=True)
        assert alone[0] is None and alone[1].tobytes() == gradient.tobytes()
    margins = np.zeros(2)
    out = np.empty(2)
    found = anisograd.logistic_from_margins(margins, np.ones(2), loss=False, curvatures=False, out=(margins, None))
    assert found.loss is None and found.curvatures is None and found.residuals is margins
    found = anisograd.logistic_from_margins(np.zeros(2), np.ones(2), residuals=False, out=(None, out))
    assert found.residuals is None and found.curvatures is out and (out == 0.25).all()


def test_labels_and_weights():
    X, w = np.eye(2), np.array([1.0, -2.0])
    expected = anisograd.logistic(X, np.array([1.0, -1.0]), w)[1]
    for labels in "zero_one", "probability":
        assert (anisograd.logistic(X, np.array([1.0, 0.0]), w, labels=labels)[1] == expected).all()
    assert (anisograd.logistic(X, np.array([1.0, -1.0]), w, reduction="sum")[1] == 2 * expected).all()
    weighted = anisograd.logistic(X, np.array([1.0, -1.0]), w, positive_weight=3, negative_weight=0.5,
                                  reduction="sum")[1]
    assert (weighted == 2 * expected * [3, 0.5]).all()
    smoothed = anisograd.logistic(X, np.array([1.0, -1.0]), w, label_smoothing=0.5)[0]
    assert smoothed > anisograd.logistic(X, np.array([1.0, -1.0]), w)[0]


@pytest.mark.parametrize("change, error, words", [
    ({"y": np.zeros(ROWS)}, anisograd.ArgumentError, r"y\[0\] = 0 is not -1 or \+1"),
    ({"y": np.ones(ROWS - 1)}, ValueError, r"^y: expected the shape \(60,\)"),
    ({"y": np.ones(ROWS, np.int64)}, TypeError, "^y: expected float64, not int64"),
    ({"w": np.zeros(COLS)}, ValueError, r"^w: expected the shape \(18,\)"),
    ({"w": np.zeros(COLS + 1, np.float32)}, TypeError, "^w: expected float64, not float32"),
    ({"w": [0.0]}, TypeError, "^w: expected a NumPy array, not list"),
    ({"X": [[1.0]]}, TypeError, "^X: expected a NumPy array, a Csr or a SciPy CSR matrix, not list"),
    ({"X": np.zeros((2, 2, 2))}, ValueError, "^X: expected 2 dimensions"),
    ({"X": np.zeros((2, 2), int)}, TypeError, "^X: expected .*, not int64"),
    ({"X": np.zeros((COLS, ROWS)).T}, ValueError, "^X: the elements of a row are not neighbours"),
    ({"X": sparse.csc_array(np.eye(3))}, TypeError, "^X: expected .*, not a matrix in the format 'csc'"),
    ({"X": sparse.coo_array(np.eye(3))}, TypeError, "^X: expected .*, not a matrix in the format 'coo'"),
    ({"X": sparse.csr_array(np.eye(3, dtype=int))}, TypeError, "^values: expected float32 or float64, not int64"),
    ({"sample_weight": np.ones(3)}, ValueError, r"^sample_weight: expected the shape \(60,\)"),
    ({"sample_weight": np.ones(ROWS, np.float32)}, TypeError, "^sample_weight: expected float64"),
    ({"sample_weight": -np.ones(ROWS)}, anisograd.ArgumentError, "sample_weight"),
    ({"row_indices": np.array([ROWS])}, anisograd.ArgumentError, "row_indices"),
    ({"row_indices": np.array([0], np.int32)}, TypeError, "^row_indices: expected int64, not int32"),
    ({"row_indices": np.zeros((1, 1), np.int64)}, ValueError, "^row_indices: expected the shape"),
    ({"row_indices": np.zeros(0, np.int64)}, anisograd.ArgumentError, "batch|row"),
    ({"workspace": np.empty(10, object)}, TypeError, "^workspace: expected uint8"),
    ({"labels": "yes"}, ValueError, "^labels: expected 'plus_minus_one' or"),
    ({"fit_intercept": 1}, TypeError, "^fit_intercept: expected True or False, not int"),
    ({"intercept": True}, TypeError, "unexpected keyword argument 'intercept'"),
    ({"row_count": 3}, TypeError, "unexpected keyword argument 'row_count'"),
    ({"out": np.zeros(COLS)}, ValueError, r"^out: expected the shape \(18,\)"),
])
def test_bad_arguments(change, error, words):
    problem = Problem(np.float64)
    out = np.full(COLS + 1, 7.0)
    arguments = {"X": problem.X, "y": problem.y, "w": problem.w, "out": out, "fit_intercept": True, **change}
    if arguments["X"] is not problem.X and hasattr(arguments["X"], "shape"):
        arguments["y"] = np.ones(arguments["X"].shape[0])
    with pytest.raises(error, match=words):
        anisograd.logistic(**arguments)
    assert (out == 7).all()


@pytest.mark.parametrize("arrays, error, words", [
    ((np.array([0, 2, 2]), [0], [1.0], (2, 2)), ValueError, "^row_offsets: the last is 2, with 1 columns"),
    ((np.array([0, 2, 1]), [0], [1.0], (2, 2)), anisograd.ArgumentError, "row_offsets"),
    ((np.array([0, 1, -1]), [0], [1.0], (2, 2)), anisograd.ArgumentError, "row_offsets"),
    ((np.array([0, 1, 1]), [2], [1.0], (2, 2)), anisograd.ArgumentError, "columns"),
    ((np.array([0, 1, 1]), [0], [1.0, 2.0], (2, 2)), ValueError, r"^values: expected the shape \(1,\)"),
    ((np.array([0, 1]), [0], [1.0], (2, 2)), ValueError, r"^row_offsets: expected the shape \(3,\)"),
    ((np.array([0.0, 1, 1]), [0], [1.0], (2, 2)), TypeError, "^row_offsets: expected int64 or int32, not float64"),
    ((np.array([0, 1, 1]), [0], [1.0], (2, -2)), ValueError, "^shape: -2"),
    ((np.array([0, 1, 1]), [0], [1.0], (2, 2.0)), TypeError, "^shape: expected an integer"),
])
def test_bad_csr(arrays, error, words):
    offsets, columns, values, shape = arrays
    with pytest.raises(error, match=words):
        X = anisograd.Csr(offsets, np.array(columns, np.int32), np.array(values), shape)
        anisograd.logistic_margins(X, np.zeros(2))


def test_a_csr_whose_arrays_change_is_checked_anew():
    offsets = np.array([0, 1])
    X = anisograd.Csr(offsets, np.zeros(1, np.int32), np.ones(1), (1, 1))
    assert anisograd.logistic_margins(X, np.ones(1)) == 1
    offsets[1] = 1000
    with pytest.raises(ValueError, match="^row_offsets: the last is 1000"):
        anisograd.logistic_margins(X, np.ones(1))


def test_empty_matrices():
    w = np.zeros(3)
    ones = anisograd.Csr(np.zeros(1, np.int64), np.zeros(0, np.int64), None, (0, 3))
    for X in np.zeros((0, 3)), sparse.csr_array((0, 3)), ones:
        loss, gradient = anisograd.logistic(X, np.zeros(0), w, reduction="sum")
        assert loss == 0 and not gradient.any()
        with pytest.raises(anisograd.ArgumentError):
            anisograd.logistic(X, np.zeros(0), w)
    loss, gradient = anisograd.logistic(np.zeros((2, 0)), np.ones(2), np.zeros(0))
    assert gradient.shape == (0,) and abs(loss - np.log(2)) < 1e-15


def test_a_csr_keeps_its_arrays_and_their_values_may_change():
    values = np.ones(1)
    X = anisograd.Csr(np.array([0, 1]), np.zeros(1, np.int32), values, (1, 1))
    with pytest.raises(AttributeError):
        X.values = np.zeros(1)
    values[0] = 3
    assert anisograd.logistic_margins(X, np.ones(1)) == 3
    matrix = sparse.csr_matrix(np.eye(3))
    # SciPy's arrays may be longer than the entries.
    matrix.indices, matrix.data = np.append(matrix.indices, 99), np.append(matrix.data, 99)
    assert (anisograd.logistic_margins(matrix, np.arange(3.0)) == [0, 1, 2]).all()
