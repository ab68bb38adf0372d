# SPDX-License-Identifier: BSD-3-Clause
"""AdaGrad for scikit-learn: `AdaGradClassifier`, logistic regression on NumPy arrays and SciPy's sparse matrices.

Needs scikit-learn >= 1.2, which the rest of the package does not.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, issparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.preprocessing import LabelEncoder
from sklearn.utils import check_array, check_random_state, check_scalar, compute_class_weight
from sklearn.utils.multiclass import _check_partial_fit_first_call, check_classification_targets
from sklearn.utils.validation import check_is_fitted

from ._arrays import F64, I32, I64, Array
from ._elementary import exp, log1p, shuffle_indices, sigmoid, softplus
from ._listed_steps import adagrad_step_sparse
from ._logistic import (logistic, logistic_margins, logistic_sparse_gradient, logistic_workspace, softmax,
                        softmax_workspace)
from ._matrices import Csr, strided
from ._options import AdagradOptions, LogisticOptions
from ._projections import adagrad_step_projected
from ._sets import Set
from ._steps import adagrad_init, adagrad_step, adagrad_step_list, average, first_non_finite

try:
    from sklearn.utils.validation import validate_data
except ImportError:  # of before 1.6
    def validate_data(estimator: Any, *data: Any, **options: Any) -> Any:
        return estimator._validate_data(*data, **options)

__all__ = ["AdaGradClassifier"]


@dataclass
class _State:
    """What training continues from. w, v, mean: one row of parameters, or one for each of three and more classes; the
    last column is the intercept, if there is one."""

    w: Array
    v: Array
    mean: Array | None = None  # of the last `averaged` iterates
    averaged: int = 0
    epochs: int = 0


class AdaGradClassifier(ClassifierMixin, BaseEstimator):
    """Logistic regression, of three and more classes multinomial, trained by AdaGrad with anisograd's kernels.

    It minimizes, over coefficients w and intercepts b, with weights s_i and S their sum::

        1/S sum_i s_i (log loss of row i)  +  alpha/2 ||w||^2   or  alpha ||w||_1

    by steps along the gradient of a batch, each element of which is divided by the root of the sum of its squares so
    far. alpha is 1 / (C S) of sklearn.linear_model.LogisticRegression. AdaGrad adapts to the scale of each feature, but
    starts with steps of the learning rate in each: scaled features are learned faster.

    X: dense, or sparse in CSR format (others are converted), of float32 or float64 (others become float64). What is
    already so is not copied, nor are batches; dense rows may lie apart. Coefficients, probabilities and all computation
    have X's type; training that is continued, and predictions, keep the type that it began with.

    Parameters
        learning_rate: eta, > 0.
        epsilon: >= 0; the sums of squares start at epsilon^2.
        penalty: "l2", in the gradient; "l1", by a proximal step, after which coefficients are 0 exactly; or None.
            Intercepts are not penalized.
        alpha: of the penalty, >= 0.
        fit_intercept: False leaves intercepts at 0.
        batch_size: rows of a step; None: all. A batch's gradient is scaled such that over all batches it is the
            objective's on average.
        max_iter: the most epochs of fit, that is passes over all rows.
        tol: training stops when the least objective of the last n_iter_no_change epochs differs by less than tol from
            that of as many epochs before; None: never. The objective is as the steps meet it: of each batch before its
            step.
        n_iter_no_change: see tol.
        shuffle: whether each epoch visits the rows in a new order. With a single batch the order is that of X.
        random_state: an int, a RandomState or None, for the order.
        class_weight: a dict, "balanced", or None, as everywhere in scikit-learn; it multiplies sample_weight.
        constraint: a set such as ``anisograd.L2Ball(radius=5)``, or None. The coefficients of each row of coef_ are
            projected onto it after each step, in the norm of the step's Lambda. Intercepts are free. Arrays of a set
            have coef_'s type and one element per feature. Not with penalty="l1": the two after one another are not the
            step of both.
        average: True: coef_ and intercept_ are the mean of the iterates after each step, those of earlier calls that
            this one continues included.
        warm_start: True: fit continues from where the last call left off, sums of squares included.
        verbose: 1 prints each epoch's objective.

    Attributes
        classes_: the labels, sorted. coef_: 1 x features for two classes, for the second of them; else classes x
        features. intercept_: one for each row of coef_. n_iter_: epochs of the last call. n_features_in_,
        feature_names_in_: as everywhere.

    Sparse steps: where X is sparse, there are two classes, neither a penalty (None, or alpha 0), nor a constraint, nor
    average, and a batch holds on average fewer entries than X has features, a step computes and touches only the
    coefficients of features in its batch, and costs what the batch holds. Results are the same but for roundings.

    The same data and parameters give the same bits for any number of threads and on every CPU.

    >>> X, y = np.array([[0.0], [1.0], [2.0], [3.0]]), np.array(["no", "no", "yes", "yes"])
    >>> model = anisograd.sklearn.AdaGradClassifier(alpha=0.01, constraint=anisograd.Box(0, 2)).fit(X, y)
    >>> model.predict([[0.5], [2.5]])
    array(['no', 'yes'], dtype='<U3')
    >>> model.coef_
    array([[2.]])
    """

    classes_: Array
    coef_: Any
    intercept_: Array
    n_iter_: int

    def __init__(self, *, learning_rate: float = 0.5, epsilon: float = 1e-10, penalty: str | None = "l2",
                 alpha: float = 1e-4, fit_intercept: bool = True, batch_size: int | None = None, max_iter: int = 1000,
                 tol: float | None = 1e-4, n_iter_no_change: int = 5, shuffle: bool = True, random_state: Any = None,
                 class_weight: Any = None, constraint: Set | None = None, average: bool = False,
                 warm_start: bool = False, verbose: int = 0) -> None:
        self.learning_rate = learning_rate
        self.epsilon = epsilon
        self.penalty = penalty
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.shuffle = shuffle
        self.random_state = random_state
        self.class_weight = class_weight
        self.constraint = constraint
        self.average = average
        self.warm_start = warm_start
        self.verbose = verbose

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> AdaGradClassifier:
        """Trains for at most max_iter epochs; ConvergenceWarning where tol has not ended them. Returns self.

        X: rows x features. y: a label for each row, of at least two classes. sample_weight: a number >= 0 for each row,
        not all 0, or None for ones. ValueError where the objective leaves the range of X's type.
        """
        self._check_parameters()
        state = getattr(self, "_state", None) if self.warm_start else None
        X, y = self._validated(X, y, state, reset=state is None)
        encoder = LabelEncoder()
        targets = encoder.fit_transform(y)
        if state is not None and not np.array_equal(encoder.classes_, self.classes_):
            raise ValueError("warm_start: y has other classes than the last call")
        return self._train(state, X, y, encoder.classes_, targets, sample_weight, self.max_iter, self.tol)

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> AdaGradClassifier:
        """One epoch over these rows, from where the last call of fit or partial_fit left off. Returns self.

        As many calls with all rows are fit with tol=None and as many epochs. X, y, sample_weight: as in fit, but y may
        lack classes. classes: all labels, required in the first call. class_weight="balanced" is a ValueError: the
        classes' frequencies are not known. A call also copies coef_, whatever the batches hold.
        """
        self._check_parameters()
        if isinstance(self.class_weight, str):
            raise ValueError("class_weight: 'balanced' is of all rows, and partial_fit has only some; a dict will do")
        state = getattr(self, "_state", None)
        X, y = self._validated(X, y, state, reset=state is None)
        _check_partial_fit_first_call(self, classes)
        targets = LabelEncoder().fit(self.classes_).transform(y)
        return self._train(state, X, y, self.classes_, targets, sample_weight, 1, None)

    def decision_function(self, X: Any) -> Array:
        """The margins <x_i, w> + intercept: for two classes one per row, positive for the second class; else rows x
        classes."""
        check_is_fitted(self)
        coef = self.coef_.toarray() if issparse(self.coef_) else self.coef_
        matrix = _in_place(validate_data(self, X, accept_sparse="csr", dtype=coef.dtype, reset=False))
        margins = np.empty((matrix.shape[0], len(coef)), coef.dtype)
        for k, row in enumerate(coef):
            margins[:, k] = logistic_margins(matrix, np.ascontiguousarray(row)) + self.intercept_[k]
        return margins[:, 0] if len(coef) == 1 else margins

    def predict(self, X: Any) -> Array:
        """The most probable label of each row."""
        margins = self.decision_function(X)
        labels: Array = self.classes_[(margins > 0).astype(np.intp) if margins.ndim == 1 else margins.argmax(axis=1)]
        return labels

    def predict_proba(self, X: Any) -> Array:
        """The probability of each class, rows x classes in the order of classes_."""
        margins = self.decision_function(X)
        if margins.ndim == 1:
            return np.stack([sigmoid(-margins), sigmoid(np.ascontiguousarray(margins))], axis=1)
        powers = exp(margins - margins.max(axis=1, keepdims=True))
        result: Array = powers / powers.sum(axis=1, keepdims=True)
        return result

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithms of predict_proba, which are finite for every finite margin."""
        margins = self.decision_function(X)
        if margins.ndim == 1:
            return np.stack([-softplus(np.ascontiguousarray(margins)), -softplus(-margins)], axis=1)
        largest = margins.argmax(axis=1)[:, None]
        differences = margins - np.take_along_axis(margins, largest, axis=1)
        powers = exp(differences)
        np.put_along_axis(powers, largest, 0, axis=1)  # whose 1 is log1p's
        result: Array = differences - log1p(powers.sum(axis=1))[:, None]
        return result

    def sparsify(self) -> AdaGradClassifier:
        """Makes coef_ a SciPy CSR matrix, which after an l1 penalty takes less memory. Returns self."""
        check_is_fitted(self)
        self.coef_ = csr_matrix(self.coef_)
        return self

    def densify(self) -> AdaGradClassifier:
        """Makes coef_ a NumPy array again. Returns self."""
        check_is_fitted(self)
        if issparse(self.coef_):
            self.coef_ = self.coef_.toarray()
        return self

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _check_parameters(self) -> None:
        check_scalar(self.learning_rate, "learning_rate", Real, min_val=0, include_boundaries="neither")
        check_scalar(self.epsilon, "epsilon", Real, min_val=0)
        check_scalar(self.alpha, "alpha", Real, min_val=0)
        check_scalar(self.max_iter, "max_iter", Integral, min_val=1)
        check_scalar(self.n_iter_no_change, "n_iter_no_change", Integral, min_val=1)
        if self.batch_size is not None:
            check_scalar(self.batch_size, "batch_size", Integral, min_val=1)
        if self.tol is not None:
            check_scalar(self.tol, "tol", Real)
        if self.penalty not in ("l1", "l2", None):
            raise ValueError(f"penalty: expected 'l2', 'l1' or None, not {self.penalty!r}")
        if self.constraint is not None:
            if not isinstance(self.constraint, Set):
                raise TypeError("constraint: expected a set such as anisograd.L2Ball, or None, not "
                                + type(self.constraint).__name__)
            if self.penalty == "l1":
                raise ValueError("constraint: not with penalty='l1'; an l1 ball, or penalty='l2' or None, will do")

    def _validated(self, X: Any, y: Any, state: _State | None, reset: bool) -> tuple[Any, Array]:
        X, y = validate_data(self, X, y, accept_sparse="csr", reset=reset,
                             dtype=[np.float64, np.float32] if state is None else state.w.dtype)
        check_classification_targets(y)
        return X, y

    def _weights(self, X: Any, y: Array, labels: Array, targets: Array, sample_weight: Any) -> Array | None:
        """One weight per row, of X's type, or None for ones."""
        result: Array | None = None
        if sample_weight is not None:
            if isinstance(sample_weight, Real):
                sample_weight = np.full(X.shape[0], sample_weight)
            given: Array = check_array(sample_weight, dtype=X.dtype, order="C", ensure_2d=False,
                                       input_name="sample_weight")
            if given.shape != (X.shape[0],):
                raise ValueError(f"sample_weight: expected the shape {(X.shape[0],)}, not {given.shape}")
            result = given
        if self.class_weight is not None:
            of_rows = compute_class_weight(self.class_weight, classes=labels, y=y)[targets]
            result = (of_rows if result is None else of_rows * result).astype(X.dtype)
        return result

    def _train(self, state: _State | None, X: Any, y: Array, labels: Array, targets: Array, sample_weight: Any,
               epochs: int, tol: float | None) -> AdaGradClassifier:
        """Epochs over these rows, of which row i has the label labels[targets[i]]."""
        if len(labels) < 2:
            raise ValueError(f"y: expected at least 2 classes, not one class, {labels.tolist()}")
        weights = self._weights(X, y, labels, targets, sample_weight)
        shape = 1 if len(labels) == 2 else len(labels), X.shape[1] + bool(self.fit_intercept)
        if state is None:
            state = _State(np.zeros(shape, X.dtype), np.empty(shape, X.dtype))
            adagrad_init(state.v, self.epsilon)
        elif state.w.shape != shape:
            raise ValueError("fit_intercept: has changed since the call that this one continues")
        if not self.average:
            state.mean, state.averaged = None, 0
        elif state.mean is None:
            state.mean = np.zeros(shape, X.dtype)
        descent = _Descent(self, state, X, targets, weights)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1)) if descent.shuffled else 0

        objectives: list[float] = []
        window = self.n_iter_no_change
        converged = False
        while len(objectives) < epochs and not converged:
            objectives.append(descent.epoch(seed))
            if self.verbose:
                print(f"AdaGradClassifier: epoch {len(objectives)}, objective {objectives[-1]:.6g}")
            if not math.isfinite(objectives[-1]) or first_non_finite(state.w) is not None:
                raise ValueError(f"the objective or a coefficient is not finite after epoch {len(objectives)}; scaled "
                                 "features, or a smaller learning_rate, may help")
            converged = (tol is not None and len(objectives) >= 2 * window
                         and abs(min(objectives[-window:]) - min(objectives[-2 * window:-window])) < tol)
        if tol is not None and not converged:
            warnings.warn(f"the objective still changes by tol={tol:g} or more after max_iter={epochs} epochs",
                          ConvergenceWarning, stacklevel=3)

        self._state = state
        self.classes_ = labels
        result = state.w if state.mean is None else state.mean
        cols = X.shape[1]
        self.coef_ = result[:, :cols].copy()
        self.intercept_ = result[:, cols].copy() if self.fit_intercept else np.zeros(shape[0], X.dtype)
        self.n_iter_ = len(objectives)
        return self


def _in_place(X: Any) -> Any:
    """X for the kernels: as it lies, unless they cannot use it so."""
    if issparse(X):
        return Csr.of(X)
    try:
        strided("X", X, X.dtype)
    except ValueError:
        return np.array(X, order="C")
    return X


class _Descent:
    """The steps of one call, and the arrays that they share."""

    def __init__(self, model: AdaGradClassifier, state: _State, X: Any, targets: Array, weights: Array | None) -> None:
        self._model = model
        self._state = state
        self._matrix = _in_place(X)
        self._rows, cols = X.shape
        # The sum of the weights: what the sum over all rows is divided by.
        self._total = float(self._rows) if weights is None else float(weights.sum(dtype=F64))
        if not 0 < self._total < math.inf:
            raise ValueError(f"sample_weight: with class_weight the weights add up to {self._total:g}")
        self._batch = self._rows if model.batch_size is None else min(model.batch_size, self._rows)
        self.shuffled = bool(model.shuffle) and self._batch < self._rows
        self._order = np.arange(self._rows, dtype=I64) if self._batch < self._rows else None
        self._l1 = float(model.alpha) if model.penalty == "l1" else 0.0
        self._l2 = float(model.alpha) if model.penalty == "l2" else 0.0

        w, v = state.w, state.v
        self._binary = len(w) == 1
        self._targets = targets.astype(w.dtype if self._binary else I32)
        self._options: LogisticOptions = {"labels": "zero_one", "reduction": "sum", "sample_weight": weights,
                                          "fit_intercept": bool(model.fit_intercept)}
        self._sparse = (self._binary and isinstance(self._matrix, Csr) and not self._l1 and not self._l2
                        and model.constraint is None and state.mean is None
                        and X.nnz * self._batch < cols * self._rows)
        if self._sparse:
            self._listed = np.empty(w.size, I64), np.empty(w.size, w.dtype)
            return
        self._g = np.empty_like(w)
        arrays = w, self._g, v
        self._coefficients = [[row[:cols] for row in array] for array in arrays]
        self._intercepts = [[row[cols:] for row in array if row[cols:].size] for array in arrays]
        options = self._options.copy()
        options["row_indices"] = None if self._order is None else self._order[:self._batch]
        self._options["workspace"] = np.empty(
            logistic_workspace(self._matrix, dtype=w.dtype, **options) if self._binary else
            softmax_workspace(self._matrix, len(w), dtype=w.dtype, **options), np.uint8)

    def epoch(self, seed: int) -> float:
        """One pass over the rows. Returns the objective, as the steps met it."""
        if self.shuffled:
            assert self._order is not None
            shuffle_indices(self._rows, seed, self._state.epochs, out=self._order)
        self._state.epochs += 1
        return math.fsum(self._step(first) for first in range(0, self._rows, self._batch))

    def _step(self, first: int) -> float:
        """One step, by the batch that begins here. Returns the batch's part of the objective."""
        state, model = self._state, self._model
        share = min(self._batch, self._rows - first) / self._rows
        options = self._options.copy()
        if self._order is not None:
            options["row_indices"] = self._order[first:first + self._batch]
        step: AdagradOptions = {"learning_rate": model.learning_rate, "gradient_scale": 1 / (self._total * share)}
        if self._sparse:
            loss, columns, values = logistic_sparse_gradient(self._matrix, self._targets, state.w[0], out=self._listed,
                                                             **options)
            adagrad_step_sparse(state.w[0], state.v[0], columns, values, **step)
            assert loss is not None
            return loss / self._total

        options["l2"] = self._l2 * self._total * share  # which gradient_scale makes l2
        if self._binary:
            loss, _ = logistic(self._matrix, self._targets, state.w[0], out=self._g[0], **options)
        else:
            loss, _ = softmax(self._matrix, self._targets, state.w, out=self._g, **options)
        objective = loss / self._total
        if model.constraint is None and not self._l1:
            adagrad_step(state.w, self._g, state.v, **step)
        else:
            if model.constraint is None:
                objective += self._l1 * share * sum(float(np.abs(w).sum()) for w in self._coefficients[0])
                penalized = step.copy()
                penalized["l1"] = self._l1
                adagrad_step_list(*self._coefficients, **penalized)
            else:
                for w, g, v in zip(*self._coefficients):
                    adagrad_step_projected(w, g, v, model.constraint, **step)
            adagrad_step_list(*self._intercepts, **step)
        if state.mean is not None:
            state.averaged += 1
            average(state.mean, state.w, state.averaged)
        return objective
