# SPDX-License-Identifier: BSD-3-Clause
"""anisograd.sklearn.AdaGradClassifier: scikit-learn's own checks, and the optima that others find."""

import copy
import pickle
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

import anisograd

pytest.importorskip("sklearn")

from scipy.optimize import minimize  # noqa: E402
from scipy.sparse import coo_matrix, csr_matrix, issparse, random as random_sparse  # noqa: E402
from scipy.special import expit, log_expit, log_softmax, softmax  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.datasets import load_breast_cancer, load_iris  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, NotFittedError  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import parametrize_with_checks  # noqa: E402

import anisograd.sklearn  # noqa: E402
from anisograd.sklearn import AdaGradClassifier  # noqa: E402

# Until nothing changes but roundings.
CONVERGED = {"max_iter": 100_000, "tol": 1e-14, "learning_rate": 1.0}


@parametrize_with_checks([
    AdaGradClassifier(), AdaGradClassifier(penalty="l1"), AdaGradClassifier(penalty=None, average=True),
    AdaGradClassifier(constraint=anisograd.L2Ball(radius=3), tol=None)])
def test_scikit_learns_checks(estimator, check):
    check(estimator)


def data(name, dtype=np.float64):
    """Features of mean 0 and variance 1, and labels that are not 0, 1, ..."""
    X, y = {"binary": load_breast_cancer, "multinomial": load_iris}[name](return_X_y=True)
    return StandardScaler().fit_transform(X).astype(dtype), np.array(["a", "b", "c"])[y]


def batches(rows, size, epochs, seed=None):
    for epoch in range(epochs):
        order = np.arange(rows) if seed is None else anisograd.shuffle_indices(rows, seed, epoch)
        for first in range(0, rows, size):
            yield order[first:first + size]


def loss_and_gradients(model, X, y, sample_weight=None):
    """The mean log loss in NumPy and SciPy alone, and its gradients by coef_ and intercept_."""
    targets = (y[:, None] == model.classes_).astype(float)
    s = np.ones(len(y)) if sample_weight is None else sample_weight
    margins = X @ model.coef_.T + model.intercept_
    if len(model.classes_) == 2:
        targets, residuals = targets[:, 1:], expit(margins) - targets[:, 1:]
        losses = -(targets * log_expit(margins) + (1 - targets) * log_expit(-margins))
    else:
        residuals, losses = softmax(margins, axis=1) - targets, -targets * log_softmax(margins, axis=1)
    residuals = residuals * s[:, None] / s.sum()
    return (s @ losses).sum() / s.sum(), residuals.T @ X, residuals.sum(axis=0)


@pytest.mark.parametrize("name", ["binary", "multinomial"])
@pytest.mark.parametrize("form", [np.asarray, csr_matrix, coo_matrix])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_the_optimum_is_that_of_lbfgs(name, form, fit_intercept, weighted):
    X, y = data(name)
    alpha = 0.01
    class_weight = {"a": 2.0, "b": 0.5} if weighted else None
    sample_weight = np.random.default_rng(1).uniform(0, 2, len(y)) if weighted else None
    total = np.ones(len(y)) if sample_weight is None else sample_weight.copy()
    if weighted:
        total *= np.select([y == "a", y == "b"], [2.0, 0.5], 1.0)
    model = AdaGradClassifier(alpha=alpha, fit_intercept=fit_intercept, class_weight=class_weight, **CONVERGED)
    model.fit(form(X), y, sample_weight)
    reference = LogisticRegression(C=1 / (alpha * total.sum()), fit_intercept=fit_intercept, class_weight=class_weight,
                                   tol=1e-10, max_iter=10_000).fit(X, y, sample_weight)
    values = []
    for fitted in model, reference:
        loss, by_coef, by_intercept = loss_and_gradients(fitted, X, y, total)
        values.append(loss + alpha / 2 * (fitted.coef_ ** 2).sum())
        if fitted is model:
            by_coef += alpha * model.coef_
            # f - min f <= ||gradient||^2 / (2 alpha), as far as the coefficients go.
            assert np.abs(by_coef).max() < 1e-6
            assert not fit_intercept or np.abs(by_intercept).max() < 1e-6
    assert values[0] <= values[1] + 1e-10
    assert model.intercept_.any() == fit_intercept
    np.testing.assert_allclose(model.coef_, reference.coef_, atol=1e-3)
    assert (model.predict(form(X)) == reference.predict(X)).all()
    np.testing.assert_allclose(model.predict_proba(form(X)), reference.predict_proba(X), atol=1e-3)


def test_balanced_classes():
    X, y = data("binary")
    model = AdaGradClassifier(class_weight="balanced", max_iter=50, tol=None).fit(X, y)
    weights = np.where(y == "a", len(y) / (2 * (y == "a").sum()), len(y) / (2 * (y == "b").sum()))
    by_hand = AdaGradClassifier(max_iter=50, tol=None).fit(X, y, weights)
    assert np.array_equal(model.coef_, by_hand.coef_) and np.array_equal(model.intercept_, by_hand.intercept_)


@pytest.mark.parametrize("name", ["binary", "multinomial"])
def test_the_optimum_under_an_l1_penalty_fulfils_its_conditions(name):
    X, y = data(name)
    alpha = 0.02
    model = AdaGradClassifier(penalty="l1", alpha=alpha, **CONVERGED).fit(X, y)
    _, by_coef, by_intercept = loss_and_gradients(model, X, y)
    zero = model.coef_ == 0
    assert 0 < zero.sum() < zero.size
    np.testing.assert_allclose(by_coef[~zero], -alpha * np.sign(model.coef_[~zero]), atol=1e-6)
    assert np.abs(by_coef[zero]).max() <= alpha + 1e-6 and np.abs(by_intercept).max() < 1e-6
    # The same predictions from a sparse coef_.
    dense, margins = model.coef_, model.decision_function(X)
    assert issparse(model.sparsify().coef_) and model.coef_.nnz == (~zero).sum()
    assert np.array_equal(pickle.loads(pickle.dumps(model)).decision_function(X), margins)
    assert np.array_equal(model.densify().coef_, dense)


def binary_objective(X, y, alpha):
    """Loss and gradient by coefficients and intercept, for SciPy."""
    t = (y == "b").astype(float)

    def function(parameters):
        margins = X @ parameters[:-1] + parameters[-1]
        residuals = (expit(margins) - t) / len(t)
        loss = -(t * log_expit(margins) + (1 - t) * log_expit(-margins)).mean()
        gradient = np.append(residuals @ X + alpha * parameters[:-1], residuals.sum())
        return loss + alpha / 2 * (parameters[:-1] ** 2).sum(), gradient

    return function


CONSTRAINTS = [
    (anisograd.Box(-0.1, 0.3), {"bounds": [(-0.1, 0.3)] * 30 + [(None, None)]}),
    (anisograd.L2Ball(radius=0.8), {"constraints": [
        {"type": "ineq", "fun": lambda p: 0.8 ** 2 - p[:-1] @ p[:-1], "jac": lambda p: np.append(-2 * p[:-1], 0)}]}),
    (anisograd.Simplex(total=2), {"bounds": [(0, None)] * 30 + [(None, None)], "constraints": [
        {"type": "eq", "fun": lambda p: p[:-1].sum() - 2, "jac": lambda p: np.append(np.ones(30), 0)}]}),
]


@pytest.mark.parametrize("constraint, of_scipy", CONSTRAINTS)
def test_the_optimum_over_a_set_is_that_of_scipy(constraint, of_scipy):
    X, y = data("binary")
    function = binary_objective(X, y, 1e-3)
    model = AdaGradClassifier(alpha=1e-3, constraint=constraint, **CONVERGED).fit(X, y)
    optimum = minimize(function, np.append(np.full(30, 1 / 15), 0), jac=True, method="SLSQP", **of_scipy,
                       options={"maxiter": 1000, "ftol": 1e-14})
    assert optimum.success
    w = model.coef_[0]
    value, gradient = function(np.append(w, model.intercept_))
    # SLSQP's own result is within its ftol, and its constraint's violation as small.
    assert abs(value - optimum.fun) < 1e-8
    np.testing.assert_allclose(w, optimum.x[:-1], atol=1e-2)
    assert abs(gradient[-1]) < 1e-6
    g, u, k = gradient[:-1], 2.0 ** -53, 14
    if isinstance(constraint, anisograd.Box):
        assert (w >= -0.1).all() and (w <= 0.3).all()
        assert (w == -0.1).any() and (w == 0.3).any()
        assert np.abs(g[(w > -0.1) & (w < 0.3)]).max() < 1e-5
        assert (g[w == -0.1] >= -1e-5).all() and (g[w == 0.3] <= 1e-5).all()
    elif isinstance(constraint, anisograd.L2Ball):
        # What ag_project promises, and the rounding of the norm here.
        assert abs(np.linalg.norm(w) - 0.8) <= (16 * u + k * u) * 0.8 + 30 * u * 0.8
        multiplier = -(g @ w) / (w @ w)
        assert multiplier > 0
        np.testing.assert_allclose(g, -multiplier * w, atol=1e-5)
    else:
        assert (w >= 0).all()
        assert abs(w.sum() - 2) <= (8 * u + k * 2 * u) * 2 * (2 + 1) + 30 * u * 2
        multiplier = g[w > 0].mean()
        np.testing.assert_allclose(g[w > 0], multiplier, atol=1e-5)
        assert (g[w == 0] >= multiplier - 1e-5).all()


def test_a_set_is_for_the_coefficients_of_each_class():
    X, y = data("multinomial", np.float32)
    bounds = anisograd.Box(0, np.arange(4, dtype=np.float32) / 10)
    model = AdaGradClassifier(constraint=bounds).fit(X, y)
    assert model.coef_.dtype == np.float32 and model.coef_.shape == (3, 4)
    assert (model.coef_ >= 0).all() and (model.coef_ <= bounds.upper).all()
    assert (model.coef_[:, 3] == bounds.upper[3]).any() and np.abs(model.intercept_).min() > 0.01
    # A ball of each row, by the library's own calls.
    ball, w, v = anisograd.L2Ball(radius=0.5), np.zeros((3, 5), np.float32), np.full((3, 5), 1e-8, np.float32)
    targets = np.unique(y, return_inverse=True)[1].astype(np.int32)
    for _ in range(20):
        _, g = anisograd.softmax(X, targets, w, reduction="sum", fit_intercept=True)
        for k in range(3):
            anisograd.adagrad_step_projected(w[k, :4], g[k, :4], v[k, :4], ball, learning_rate=0.2,
                                             gradient_scale=1 / 150)
            anisograd.adagrad_step(w[k, 4:], g[k, 4:], v[k, 4:], learning_rate=0.2, gradient_scale=1 / 150)
    model = AdaGradClassifier(constraint=ball, max_iter=20, tol=None, alpha=0, learning_rate=0.2, epsilon=1e-4)
    model.fit(X, y)
    assert np.array_equal(model.coef_, w[:, :4]) and np.array_equal(model.intercept_, w[:, 4])


@pytest.mark.parametrize("options", [
    {}, {"penalty": "l1"}, {"constraint": anisograd.L2Ball()}, {"average": True}, {"penalty": None}])
@pytest.mark.parametrize("name", ["binary", "multinomial"])
def test_partial_fit_is_an_epoch_of_fit_and_warm_start_continues(options, name):
    X, y = data(name)
    for batch, in_order in ((None, {}), (32, {"shuffle": False}), (32, {"random_state": 3})):
        options = {**options, **in_order, "batch_size": batch, "tol": None}
        fitted = AdaGradClassifier(**options, max_iter=5).fit(X, y)
        stepped = AdaGradClassifier(**options)
        for _ in range(5):
            stepped.partial_fit(X, y, classes=["c", "b", "a"] if name == "multinomial" else ["b", "a"])
        warm = AdaGradClassifier(**options, max_iter=2, warm_start=True).fit(X, y)
        assert warm.n_iter_ == 2 and stepped.n_iter_ == 1 and fitted.n_iter_ == 5
        warm.set_params(max_iter=3).fit(X, y)
        for other in stepped, warm:
            assert np.array_equal(other.coef_, fitted.coef_) and np.array_equal(other.intercept_, fitted.intercept_)
        assert np.array_equal(AdaGradClassifier(**options, max_iter=5).fit(X, y).coef_, fitted.coef_)
        # A second fit without warm_start begins anew.
        assert np.array_equal(fitted.fit(X, y).coef_, stepped.coef_)


@pytest.mark.parametrize("options", [{}, {"constraint": anisograd.L2Ball(radius=1)}])
def test_the_average_is_the_mean_of_the_iterates(options):
    X, y = data("binary")
    t = (y == "b").astype(float)
    rng = np.random.default_rng(4)
    weights = rng.uniform(0, 2, len(y))
    alpha, size = 0.01, 100  # the last batch has 69
    w, v, iterates = np.zeros(31), np.full(31, 1e-4 ** 2), []
    for batch in batches(len(y), size, epochs=4, seed=np.random.RandomState(7).randint(2**31 - 1)):
        residuals = weights[batch] * (expit(X[batch] @ w[:-1] + w[-1]) - t[batch])
        scale = len(y) / (len(batch) * weights.sum())
        g = np.append(scale * residuals @ X[batch] + alpha * w[:-1], scale * residuals.sum())
        v += g * g
        w = w - 0.3 * g / np.sqrt(v)
        if options:
            coefficients = w[:-1].copy()
            anisograd.project(coefficients, options["constraint"], lambda_=np.sqrt(v[:-1]))
            w[:-1] = coefficients
        iterates.append(w)
    options = {**options, "learning_rate": 0.3, "epsilon": 1e-4, "alpha": alpha, "batch_size": size, "random_state": 7,
               "max_iter": 4, "tol": None}
    last = AdaGradClassifier(**options).fit(X, y, weights)
    mean = AdaGradClassifier(**options, average=True).fit(X, y, weights)
    # Of 24 steps' roundings in double.
    np.testing.assert_allclose(np.append(last.coef_, last.intercept_), w, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(np.append(mean.coef_, mean.intercept_), np.mean(iterates, axis=0), rtol=1e-10,
                               atol=1e-12)
    assert np.abs(mean.coef_ - last.coef_).max() > 1e-3


def test_steps_of_sparse_batches(monkeypatch):
    """The sparse gradient has the bits of the whole one, and the sparse step those of the step, but for the
    intercept's sum. A box without bounds makes the steps dense, and changes nothing else."""
    calls = []
    step = anisograd.sklearn.adagrad_step_sparse

    def counted(w, v, columns, values, **options):
        calls.append(columns.size)
        step(w, v, columns, values, **options)

    monkeypatch.setattr(anisograd.sklearn, "adagrad_step_sparse", counted)
    rng = np.random.default_rng(5)
    X = random_sparse(200, 1000, density=0.01, format="csr", random_state=6)
    y, weights = rng.integers(0, 2, 200), rng.integers(0, 3, 200).astype(float)
    options = {"penalty": None, "batch_size": 16, "max_iter": 3, "tol": None, "random_state": 0}
    for dtype in np.float32, np.float64:
        for more in {}, {"class_weight": {0: 2}}, {"shuffle": False}, {"fit_intercept": False}:
            del calls[:]
            model = AdaGradClassifier(**options, **more).fit(X.astype(dtype), y, weights)
            assert len(calls) == 3 * 13 and 0 < max(calls) <= 16 * 25
            dense = AdaGradClassifier(**options, **more, constraint=anisograd.Box()).fit(X.astype(dtype), y, weights)
            assert len(calls) == 3 * 13 and model.coef_.dtype == dtype
            if "fit_intercept" in more:
                assert np.array_equal(model.coef_, dense.coef_)
            # 39 steps, each with other roundings of a sum of 16 residuals, and these and the step's own relative to
            # gradients that the sums cancel to no less than a hundredth of their terms.
            bound = 39 * 16 * 100 * np.finfo(dtype).eps
            for other in dense, AdaGradClassifier(**options, **more).fit(X.toarray().astype(dtype), y, weights):
                np.testing.assert_allclose(model.coef_, other.coef_, rtol=bound, atol=bound)
                np.testing.assert_allclose(model.intercept_, other.intercept_, rtol=bound, atol=bound)
    del calls[:]
    labels = rng.integers(0, 3, 200)
    for more, y_ in (({"penalty": "l2"}, y), ({"average": True}, y), ({"batch_size": None}, y), ({}, labels)):
        AdaGradClassifier(**{**options, **more}).fit(X, y_)
    assert not calls
    AdaGradClassifier(**{**options, "penalty": "l2", "alpha": 0}).partial_fit(X[:10], y[:10], classes=[0, 1])
    assert len(calls) == 1


def test_arrays_are_used_where_they_lie(monkeypatch):
    seen = []
    original = anisograd.sklearn.logistic

    def spy(X, *arguments, **options):
        seen.append((X, options["row_indices"]))
        return original(X, *arguments, **options)

    monkeypatch.setattr(anisograd.sklearn, "logistic", spy)
    X, y = data("binary", np.float32)
    model = AdaGradClassifier(batch_size=50, max_iter=1, tol=None)
    for apart in X[::2], X[:, 3:20]:
        model.fit(apart, y[:len(apart)])
        assert all(matrix is apart or np.shares_memory(matrix, X) for matrix, _ in seen)
        assert len({rows.ctypes.data - 8 * 50 * i for i, (_, rows) in enumerate(seen)}) == 1
        assert model.coef_.dtype == np.float32
        del seen[:]
    sparse = csr_matrix(X)
    model.fit(sparse, y)
    assert all(matrix.values.base is sparse.data or np.shares_memory(matrix.values, sparse.data) for matrix, _ in seen)
    # What the kernels cannot use as it lies gives the same result.
    expected = model.fit(X, y).coef_
    assert model.coef_.dtype == model.predict_proba(X).dtype == model.decision_function(X).dtype == np.float32
    unaligned = np.frombuffer(b"\0" + X.tobytes(), np.uint8)[1:].view(np.float32).reshape(X.shape)
    read_only = X.copy()
    read_only.flags.writeable = False
    for other in np.asfortranarray(X), X[::-1][::-1], unaligned, read_only, X.astype(">f4").astype(np.float32):
        assert np.array_equal(clone(model).set_params(shuffle=False).fit(other, y).coef_,
                              clone(model).set_params(shuffle=False).fit(X, y).coef_)
    assert expected.dtype == np.float32
    for other in X.astype(np.float64), (X * 8).astype(np.int64), X.astype(np.float16), X.astype(">f8"):
        assert model.fit(other, y).coef_.dtype == np.float64
    # Continued training and predictions keep the type.
    model.partial_fit(X, y)
    assert model.coef_.dtype == np.float64 and model.decision_function(X).dtype == np.float64


def test_probabilities():
    X, y = data("binary")
    binary = AdaGradClassifier().fit(X, y)
    margins = binary.decision_function(X)
    proba = binary.predict_proba(X)
    parameters = np.append(binary.coef_[0], binary.intercept_)
    np.testing.assert_allclose(proba[:, 1], anisograd.logistic_probabilities(X, parameters, fit_intercept=True),
                               rtol=1e-12)
    assert np.array_equal(proba[:, 1], anisograd.sigmoid(margins))
    assert np.array_equal(binary.predict(X), np.where(margins > 0, "b", "a"))
    X, y = data("multinomial")
    multinomial = AdaGradClassifier().fit(X, y)
    np.testing.assert_allclose(multinomial.predict_proba(X), softmax(multinomial.decision_function(X), axis=1),
                               rtol=1e-13)
    # Far from the classes' border probabilities are 0 and 1, their logarithms as exact as ever.
    for model in binary, multinomial:
        far = np.full((1, model.n_features_in_), 1e5)
        margins = model.decision_function(far).reshape(1, -1)
        logarithms = model.predict_log_proba(far)
        assert set(np.unique(model.predict_proba(far))) <= {0.0, 1.0} and np.isfinite(logarithms).all()
        of_classes = np.hstack([np.zeros((1, 1)), margins]) if model is binary else margins
        np.testing.assert_allclose(logarithms, log_softmax(of_classes, axis=1), rtol=1e-12, atol=0)


def test_scikit_learn_is_imported_by_its_own_module_alone():
    program = "import anisograd, sys; sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], cwd=Path(anisograd.__file__).parents[1], check=True)


def test_pipelines_searches_and_copies():
    X, y = load_breast_cancer(return_X_y=True)
    model = make_pipeline(StandardScaler(), AdaGradClassifier(batch_size=64, max_iter=20, tol=None, random_state=0))
    sets = [None, anisograd.L2Ball(radius=0.01), anisograd.Nonnegative()]
    grid = {"adagradclassifier__constraint": sets, "adagradclassifier__alpha": [1e-4, 1e-2]}
    search = GridSearchCV(model, grid, cv=3)
    search.fit(X, y)
    assert search.best_score_ > 0.97 and search.best_params_["adagradclassifier__constraint"] is None
    best = search.best_estimator_
    assert np.array_equal(pickle.loads(pickle.dumps(best)).predict_proba(X), best.predict_proba(X))
    original = AdaGradClassifier(constraint=anisograd.Box(0, np.ones(30)), alpha=0.5, random_state=1)
    for copied in clone(original), copy.deepcopy(original), pickle.loads(pickle.dumps(original)):
        assert copied.get_params() == original.get_params() and not hasattr(copied, "coef_")
    assert "constraint=Nonnegative()" in repr(AdaGradClassifier(constraint=anisograd.Nonnegative()))
    # Training goes on after a pickle as it would have without.
    X, y = data("binary")
    options = {"random_state": 2, "batch_size": 100, "average": True}
    one = AdaGradClassifier(**options).partial_fit(X, y, classes=["a", "b"])
    other = pickle.loads(pickle.dumps(one))
    assert np.array_equal(one.partial_fit(X, y).coef_, other.partial_fit(X, y).coef_)


def test_feature_names():
    pandas = pytest.importorskip("pandas")
    X, y = data("multinomial")
    frame = pandas.DataFrame(X, columns=["sepal length", "sepal width", "petal length", "petal width"])
    model = AdaGradClassifier().fit(frame, y)
    assert model.feature_names_in_.tolist() == frame.columns.tolist()
    assert np.array_equal(model.coef_, AdaGradClassifier().fit(X, y).coef_)


@pytest.mark.parametrize("form", [np.asarray, csr_matrix])
@pytest.mark.parametrize("classes", [2, 4])
def test_the_same_bits_for_any_number_of_threads(form, classes):
    rng = np.random.default_rng(8)
    X, y = rng.standard_normal((4000, 80)).astype(np.float32), rng.integers(0, classes, 4000)
    results = []
    for threads in 1, 2, 3:
        anisograd.set_num_threads(threads)
        model = AdaGradClassifier(batch_size=3000, max_iter=4, tol=None, random_state=0).fit(form(X), y)
        results.append(np.hstack([model.coef_, model.intercept_[:, None]]))
        results.append(model.predict_proba(form(X)))
    assert all(np.array_equal(results[i], results[i % 2]) for i in range(2, 6))


def test_when_training_ends(capsys):
    X, y = data("binary")
    with pytest.warns(ConvergenceWarning, match="max_iter=3 epochs"):
        assert AdaGradClassifier(max_iter=3).fit(X, y).n_iter_ == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert AdaGradClassifier(max_iter=3, tol=None).fit(X, y).n_iter_ == 3
        loose = AdaGradClassifier(tol=1e-3).fit(X, y).n_iter_
        assert 10 <= loose < AdaGradClassifier(tol=1e-4).fit(X, y).n_iter_ < 1000
        # Worse than at the beginning is not converged.
        far = AdaGradClassifier(tol=1e-4, learning_rate=50.0, max_iter=100_000).fit(X, y)
        assert far.n_iter_ > 10 and far.score(X, y) > 0.9
    AdaGradClassifier(max_iter=2, tol=None, verbose=1).fit(X, y)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "AdaGradClassifier: epoch 1, objective 0.693147" and len(lines) == 2


def test_the_objective_reported_is_the_objective(capsys):
    X, y = data("multinomial")
    weights = np.random.default_rng(9).uniform(0, 2, len(y))
    for penalty in "l1", "l2":
        before = AdaGradClassifier(penalty=penalty, alpha=0.1, max_iter=7, tol=None).fit(X, y, weights)
        loss, *_ = loss_and_gradients(before, X, y, weights)
        w = before.coef_
        expected = loss + 0.1 * (np.abs(w).sum() if penalty == "l1" else (w ** 2).sum() / 2)
        clone(before).set_params(max_iter=8, verbose=1).fit(X, y, weights)
        assert capsys.readouterr().out.split()[-1] == f"{expected:.6g}"


@pytest.mark.parametrize("parameter, value, error", [
    ("learning_rate", 0, ValueError), ("learning_rate", "fast", TypeError), ("epsilon", -1, ValueError),
    ("penalty", "l3", ValueError), ("alpha", -1e-4, ValueError), ("batch_size", 0, ValueError),
    ("batch_size", 1.5, TypeError), ("max_iter", 0, ValueError), ("tol", "small", TypeError),
    ("n_iter_no_change", 0, ValueError), ("constraint", "l2", TypeError), ("class_weight", "even", ValueError),
    ("random_state", "one", ValueError)])
def test_parameters_that_are_refused(parameter, value, error):
    X, y = data("binary")
    model = AdaGradClassifier(batch_size=10).set_params(**{parameter: value})
    for train in model.fit, lambda X, y: model.partial_fit(X, y, classes=["a", "b"]):
        with pytest.raises(error, match=parameter if parameter != "random_state" else "seed"):
            train(X, y)
    assert model.get_params()[parameter] is value and not hasattr(model, "coef_")


def test_data_that_is_refused():
    X, y = data("binary")
    model = AdaGradClassifier(tol=None, max_iter=2)
    with pytest.raises(NotFittedError):
        model.predict(X)
    one_negative = np.where(np.arange(len(y)) == 5, -1.0, 1.0)
    for weights, message in ((one_negative, r"sample_weight\[5\]"), (-np.ones(len(y)), "add up to -569"),
                             (np.zeros(len(y)), "add up to 0"), (np.ones(3), "sample_weight: expected the shape"),
                             (np.full(len(y), np.inf), "sample_weight contains infinity")):
        with pytest.raises(ValueError, match=message):
            model.fit(X, y, weights)
    with pytest.raises(ValueError, match="one class"):
        model.fit(X, ["a"] * len(y))
    with pytest.raises(ValueError, match="NaN"):
        model.fit(np.where(X > 3, np.nan, X), y)
    with pytest.raises(ValueError, match="label type"):
        model.fit(X, X[:, 0])
    with pytest.raises(ValueError, match="l1"):
        clone(model).set_params(penalty="l1", constraint=anisograd.L2Ball()).fit(X, y)
    with pytest.raises(ValueError, match="upper: expected the shape"):
        clone(model).set_params(constraint=anisograd.Box(0, np.ones(7))).fit(X, y)
    with pytest.raises(TypeError, match="upper: expected float32"):
        clone(model).set_params(constraint=anisograd.Box(0, np.ones(30))).fit(X.astype(np.float32), y)
    with pytest.raises(ValueError, match="finite after epoch"):
        clone(model).set_params(learning_rate=1e308, max_iter=10).fit(X, y)
    with pytest.raises(ValueError, match="classes must be passed"):
        model.partial_fit(X, y)
    with pytest.raises(ValueError, match="balanced"):
        clone(model).set_params(class_weight="balanced").partial_fit(X, y, classes=["a", "b"])
    model.partial_fit(X[:9], y[:9], classes=["a", "b"])
    with pytest.raises(ValueError, match="unseen labels"):
        model.partial_fit(X, np.where(y == "a", "z", y))
    with pytest.raises(ValueError, match="features"):
        model.partial_fit(X[:, :5], y)
    with pytest.raises(ValueError, match="fit_intercept"):
        model.set_params(fit_intercept=False).partial_fit(X, y)
    warm = clone(model).set_params(warm_start=True, fit_intercept=True).fit(X, y)
    with pytest.raises(ValueError, match="other classes"):
        warm.fit(X, np.where(y == "a", "z", y))
    with pytest.raises(ValueError, match="features"):
        warm.fit(X[:, :5], y)
