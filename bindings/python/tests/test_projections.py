# SPDX-License-Identifier: BSD-3-Clause
"""Projections: every set on an example that is solved by hand, and what is particular to the arguments."""

import copy
import pickle
import threading

import numpy as np
import pytest

import anisograd
from anisograd import _sets

FLOATS = [np.float32, np.float64]


def sets(dtype):
    """(set, x, lambda or None, the projection)"""
    def a(*numbers):
        return np.array(numbers, dtype)

    return [
        (anisograd.Box(-1, a(1, 2, 3)), a(-5, 5, 2), None, a(-1, 2, 2)),
        (anisograd.Box(lower=a(0, 1, 2)), a(-5, 5, 0), None, a(0, 5, 2)),
        (anisograd.Nonnegative(), a(-1, 2), None, a(0, 2)),
        (anisograd.LinfBall(1, a(1, 1)), a(3, -0.5), None, a(2, 0)),
        (anisograd.L2Ball(1), a(3, 4), None, a(0.6, 0.8)),
        (anisograd.L2Ball(5, a(1, 1)), a(7, 9), None, a(4, 5)),
        # lambda / (lambda + mu) = (1/2, 1/3) for mu = 1 of a radius of 5.
        (anisograd.L2Ball(5), a(6, 12), a(1, 0.5), a(3, 4)),
        (anisograd.L1Ball(1), a(3, 0.5), None, a(1, 0)),
        # mu = 1: each loses mu / lambda.
        (anisograd.L1Ball(4), a(3, -4), a(1, 0.5), a(2, -2)),
        (anisograd.WeightedL1Ball(1, normal=a(1, 2)), a(0, 3), None, a(0, 0.5)),
        (anisograd.Simplex(2), a(3, 1), None, a(2, 0)),
        (anisograd.CappedSimplex(2, upper=1), a(3, 2, 0), None, a(1, 1, 0)),
        (anisograd.CappedSimplex(2, upper=a(2, 1, 1)), a(5, 0, 0), None, a(2, 0, 0)),
        (anisograd.BoxSection(0, 1, offset=1), a(2, 0), None, a(1, 0)),
        (anisograd.BoxSection(0, a(4, 4), a(1, 2), 4), a(0, 0), None, a(0.8, 1.6)),
        (anisograd.Halfspace(a(1, 1), 1), a(1, 1), None, a(0.5, 0.5)),
        (anisograd.Hyperplane(offset=4), a(1, 1), None, a(2, 2)),
        (anisograd.Slab(lower_offset=4, offset=5), a(1, 1), None, a(2, 2)),
        (anisograd.SecondOrderCone(), a(0, 2), None, a(1, 1)),
        (anisograd.GroupL1Ball(1, group_length=2), a(3, 4, 0, 0), None, a(0.6, 0.8, 0, 0)),
        (anisograd.GroupL1Ball(1, a(1, 0, 0), group_offsets=np.array([0, 1, 3])), a(1, 3, 4), None, a(1, 0.6, 0.8)),
    ]


@pytest.mark.parametrize("dtype", FLOATS)
def test_every_set(dtype):
    examples = sets(dtype)
    assert {type(set) for set, *_ in examples} == {*_sets.KINDS}
    for set, x, lambda_, expected in examples:
        start = x.copy()
        report = anisograd.project(x, set, lambda_=lambda_, report=True)
        # The header's accuracy: an element is within 4 u (|p| + |x| + |center|) of its formula, and the constraint
        # within (8 u + 16 * 2^-52) times the sum of these, here less than 40, u = eps / 2.
        tolerance = 40 * (12 * np.finfo(dtype).eps / 2 + 2.0**-48)
        np.testing.assert_allclose(x, expected, rtol=0, atol=tolerance, err_msg=repr(set))
        assert not report.inside
        # Inside, a point keeps its bits.
        again = expected.copy()
        anisograd.project(again, set, lambda_=lambda_)
        np.testing.assert_allclose(again, expected, rtol=0, atol=tolerance)
        # In a step whose move is nothing.
        w, g, v = start.copy(), np.zeros_like(x), np.ones_like(x) if lambda_ is None else lambda_ * lambda_
        found = anisograd.adagrad_step_projected(w, g, v, set, report=True)
        assert w.tobytes() == x.tobytes() or lambda_ is None
        np.testing.assert_allclose(w, expected, rtol=0, atol=tolerance)
        assert not found.inside
        # As a row among others.
        rows = np.zeros((4, 2 * x.size), dtype)
        rows[:, :x.size] = start
        anisograd.project_rows(rows[::2, :x.size], set, lambda_=lambda_)
        assert rows[0, :x.size].tobytes() == rows[2, :x.size].tobytes() == x.tobytes()
        assert (rows[1, :x.size] == start).all() and not rows[:, x.size:].any()


def test_box_is_numpys():
    random = np.random.default_rng(3)
    for dtype in FLOATS:
        x, lower = (random.standard_normal(1000).astype(dtype) for _ in range(2))
        upper = lower + np.abs(x)
        expected = np.minimum(np.maximum(x, lower), upper)
        anisograd.project(x, anisograd.Box(lower, upper))
        assert x.tobytes() == expected.tobytes()


def test_reports():
    ball = anisograd.L2Ball(10)
    x = np.array([3.0, 4.0])
    assert anisograd.project(x, ball) is None
    report = anisograd.project(x, ball, report=True)
    assert report == (0, report.passes, True) and report.inside is True and (x == [3, 4]).all()
    # (lambda + mu) 5 = lambda 10 with lambda = 1.
    report = anisograd.project(np.array([6.0, 8.0]), anisograd.L2Ball(5), lambda_=np.ones(2), report=True)
    np.testing.assert_allclose(report.multiplier, 1, rtol=16 * 2.0**-52)
    assert anisograd.project(np.zeros(0), ball, report=True).inside in (False, True)


def test_step_and_projection_in_one_call():
    random = np.random.default_rng(4)
    for dtype in FLOATS:
        w, g = (random.standard_normal((50, 4)).astype(dtype) for _ in range(2))
        v = np.abs(g)
        w_apart, v_apart = w.copy(), v.copy()
        anisograd.adagrad_step_projected(w, g, v, anisograd.L1Ball(3), learning_rate=0.1)
        anisograd.adagrad_step(w_apart, g, v_apart, learning_rate=0.1)
        anisograd.project(w_apart, anisograd.L1Ball(3), lambda_=np.sqrt(v_apart))
        assert w.tobytes() == w_apart.tobytes() and v.tobytes() == v_apart.tobytes()


def test_rows_with_levels_weights_and_reports():
    random = np.random.default_rng(5)
    x, lambda_ = random.standard_normal((7, 10)), random.random((7, 12)) + 0.5
    radii = np.linspace(0, 3, 7)
    for weights in (lambda_[:, 2:], lambda_[0, 2:].copy(), None):
        ours, expected = x.copy(), x.copy()
        reports = anisograd.project_rows(ours, anisograd.L1Ball(), lambda_=weights, radii=radii, report=True)
        for i, row in enumerate(expected):
            of_row = weights if weights is None or weights.ndim == 1 else weights[i].copy()
            report = anisograd.project(row, anisograd.L1Ball(radii[i]), lambda_=of_row, report=True)
            assert tuple(reports[i]) == report
        assert ours.tobytes() == expected.tobytes()


@pytest.mark.parametrize("dtype", FLOATS)
def test_workspaces(dtype):
    n = 150000
    random = np.random.default_rng(7)
    x, g = (random.standard_normal(n).astype(dtype) for _ in range(2))
    v, weights = (random.random(n).astype(dtype) + dtype(0.5) for _ in range(2))
    for set in (anisograd.L1Ball(9, g), anisograd.WeightedL1Ball(9, normal=weights), anisograd.Simplex(9),
                anisograd.CappedSimplex(9, upper=weights), anisograd.BoxSection(-1, weights, g, 9)):
        count = anisograd.project_workspace(n, set, dtype=dtype)
        assert count > 0

        def step(x, **options):
            anisograd.adagrad_step_projected(x, g, v.copy(), set, **options)

        for function in (lambda x, **options: anisograd.project(x, set, **options), step,
                         lambda x, **options: anisograd.project_rows(x[None], set, **options)):
            expected, ours, untouched = x.copy(), x.copy(), x.copy()
            function(expected)
            workspace = np.full(count, 0x5a, np.uint8)
            function(ours, workspace=workspace)
            assert ours.tobytes() == expected.tobytes() != x.tobytes()
            assert (workspace != 0x5a).any()
            with pytest.raises(anisograd.ArgumentError, match="workspace_size") as caught:
                function(untouched, workspace=workspace[1:])
            assert caught.value.status is anisograd.Status.SIZE
            with pytest.raises(TypeError, match="^workspace: expected uint8"):
                function(untouched, workspace=np.empty(count, np.int8))
            assert untouched.tobytes() == x.tobytes()
    for n, set in (1000, anisograd.Simplex()), (n, anisograd.L2Ball()), (0, anisograd.L1Ball()):
        assert anisograd.project_workspace(n, set, dtype=dtype) == 0
        anisograd.project(np.ones(n, dtype), set, workspace=np.empty(0, np.uint8))


@pytest.mark.parametrize("call, error, words", [
    (lambda x: anisograd.project(x, "ball"), TypeError, "^set: expected a set"),
    (lambda x: anisograd.project(x, anisograd.L2Ball), TypeError, "^set: expected a set"),
    (lambda x: anisograd.project(x, anisograd.L2Ball("1")), TypeError, "^radius: expected a real number"),
    (lambda x: anisograd.project(x, anisograd.L2Ball(-1)), anisograd.ArgumentError, "radius"),
    (lambda x: anisograd.project(x, anisograd.L2Ball(1, np.zeros(2, np.float32))), TypeError,
     "^center: expected float64"),
    (lambda x: anisograd.project(x, anisograd.L2Ball(1, np.zeros(3))), ValueError,
     r"^center: expected the shape \(2,\)"),
    (lambda x: anisograd.project(x, anisograd.L2Ball(1, 0.0)), TypeError, "^center: expected a NumPy array"),
    (lambda x: anisograd.project(x, anisograd.Box(1, 0)), anisograd.ArgumentError, "lower"),
    (lambda x: anisograd.project(x, anisograd.Box([0, 0], 1)), TypeError, "^lower: expected a real number, not list"),
    (lambda x: anisograd.project(x, anisograd.Box(np.zeros(4)[::2])), ValueError, "^lower: is not C-contiguous"),
    (lambda x: anisograd.project(x, anisograd.L2Ball(), lambda_=-np.ones(2)), anisograd.ArgumentError, "lambda"),
    (lambda x: anisograd.project(x, anisograd.L2Ball(), lambda_=np.ones(3)), ValueError,
     "^lambda_: expected the shape"),
    (lambda x: anisograd.project(x, anisograd.L2Ball(), lambda_=x), anisograd.ArgumentError, "overlap"),
    (lambda x: anisograd.project(x, anisograd.GroupL1Ball()), anisograd.ArgumentError, "group_length"),
    (lambda x: anisograd.project(x, anisograd.GroupL1Ball(group_length=-1)), ValueError, "^group_length: -1"),
    (lambda x: anisograd.project(x, anisograd.GroupL1Ball(group_offsets=np.array([0, 3]))), anisograd.ArgumentError,
     "group_offsets"),
    (lambda x: anisograd.project(x, anisograd.GroupL1Ball(group_offsets=np.zeros(0, np.int64))), ValueError,
     "^group_offsets: expected at least one"),
    (lambda x: anisograd.project_rows(x, anisograd.Box()), ValueError, "^x: expected 2 dimensions"),
    (lambda x: anisograd.project_rows(np.zeros((4, 4))[:, ::2], anisograd.Box()), ValueError, "^x: .*not neighbours"),
    (lambda x: anisograd.project_rows(np.zeros((4, 4))[::-1], anisograd.Box()), ValueError, "^x: its rows .*reverse"),
    (lambda x: anisograd.project_rows(np.zeros((4, 4)), anisograd.L2Ball(), radii=np.ones(3)), ValueError, "^radii: "),
    (lambda x: anisograd.project_rows(np.zeros((4, 4)), anisograd.L2Ball(), lambda_=np.ones((4, 3))), ValueError,
     "^lambda_: expected the shape"),
    (lambda x: anisograd.shard_granule(-1, anisograd.L2Ball()), ValueError, "^total: -1"),
    (lambda x: anisograd.project_workspace(-1, anisograd.L1Ball()), ValueError, "^n: -1"),
    (lambda x: anisograd.project_workspace(2, anisograd.L1Ball), TypeError, "^set: expected a set"),
    (lambda x: anisograd.project_workspace(2, anisograd.L1Ball(), dtype=np.int64), TypeError,
     "^dtype: expected float32 or float64, not int64"),
])
def test_bad_arguments(call, error, words):
    x = np.array([3.0, 4.0])
    with pytest.raises(error, match=words):
        call(x)
    assert (x == [3, 4]).all()


def test_sets_are_values():
    center = np.zeros(2)
    ball = anisograd.L2Ball(2, center)
    assert ball == anisograd.L2Ball(2.0, np.zeros(2)) and anisograd.Simplex(1) == anisograd.Simplex()
    for other in anisograd.L2Ball(2, np.ones(2)), anisograd.L2Ball(2), anisograd.L1Ball(2, center):
        assert ball != other
    assert copy.deepcopy(ball) == pickle.loads(pickle.dumps(ball)) == ball and ball.center is center
    assert repr(anisograd.Simplex(2)) == "Simplex(total=2)"
    with pytest.raises(AttributeError):
        ball.radius = 3


class ThreadsSum:
    """A reducer's sum over threads, as MPI's Allreduce."""

    def __init__(self, shards):
        self.barrier, self.arrays = threading.Barrier(shards), [None] * shards

    def of_shard(self, shard):
        def sum(values):
            self.arrays[shard] = values.copy()
            self.barrier.wait()
            values[:] = np.sum(self.arrays, axis=0)
            self.barrier.wait()
        return sum


def in_threads(function, count):
    results = [None] * count

    def run(i):
        results[i] = function(i)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("set", [anisograd.L2Ball(1), anisograd.Simplex(1), anisograd.GroupL1Ball(1, group_length=3)])
def test_shards(set):
    n = 3 * 4096
    x = np.random.default_rng(6).standard_normal(n)
    whole = x.copy()
    expected = anisograd.project(whole, set, report=True)
    granule = anisograd.shard_granule(n, set)
    cut = n // 2 // granule * granule
    parts = [x[:cut], x[cut:]]
    shared = ThreadsSum(2)
    reports = in_threads(lambda i: anisograd.project(
        parts[i], set, report=True, reducer=anisograd.Reducer(shared.of_shard(i), n, (0, cut)[i])), 2)
    assert x.tobytes() == whole.tobytes() and reports == [expected, expected]


def test_a_reducer_that_fails():
    def refuse(values):
        raise OSError("the network is down")

    def interrupt(values):
        raise KeyboardInterrupt

    x = np.array([3.0, 4.0])
    with pytest.raises(anisograd.Error) as caught:
        anisograd.project(x, anisograd.L2Ball(), reducer=anisograd.Reducer(refuse, 2, 0))
    assert caught.value.status is anisograd.Status.REDUCER
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(KeyboardInterrupt):
        anisograd.project(x, anisograd.L2Ball(), reducer=anisograd.Reducer(interrupt, 2, 0))
    assert (x == [3, 4]).all()
    with pytest.raises(TypeError, match="^total: expected an integer"):
        anisograd.project(x, anisograd.L2Ball(), reducer=anisograd.Reducer(refuse, 2.0, 0))
