# SPDX-License-Identifier: BSD-3-Clause
"""Steps and elementary functions against NumPy: the same bits where the header promises the formula's."""

import itertools

import numpy as np
import pytest

import anisograd

FLOATS = [np.float32, np.float64]
INDICES = [np.int64, np.int32]
OPTIONS = [
    {}, {"learning_rate": 0.1, "epsilon_mode": "outside", "epsilon": 1e-3},
    {"epsilon_mode": "inside", "epsilon": 1e-2, "maximize": True}, {"weight_decay": 0.1, "gradient_scale": 0.5},
    {"decoupled_weight_decay": 0.2, "l1": 0.01, "l2": 0.1, "learning_rate": 0.3},
]


def random_arrays(dtype, shape=1000, seed=1):
    random = np.random.default_rng(seed)
    w, g, v = (random.standard_normal(shape).astype(dtype) for _ in range(3))
    return w, g, v * v


def gradient(w, g, o):
    one = w.dtype.type
    scale = o.get("gradient_scale", 1)
    q = one(-scale if o.get("maximize") else scale) * g
    return q + one(o["weight_decay"]) * w if "weight_decay" in o else q


def denominator(v, o):
    epsilon = v.dtype.type(o.get("epsilon", 1e-10))
    return {"in_state": lambda: np.sqrt(v), "outside": lambda: np.sqrt(v) + epsilon,
            "inside": lambda: np.sqrt(v + epsilon)}[o.get("epsilon_mode", "in_state")]()


def moved(w, q, root, o):
    one = w.dtype.type
    rate = one(o.get("learning_rate", 0.01))
    if "decoupled_weight_decay" in o:
        w = w * one(1 - o.get("learning_rate", 0.01) * o["decoupled_weight_decay"])
    w = w - rate * q / root
    if "l1" in o:
        w = np.copysign(np.maximum(np.abs(w) - rate * one(o["l1"]) / root, 0), w)
    return w / (1 + rate * one(o["l2"]) / root) if "l2" in o else w


def step(w, g, v, o):
    """The header's formula, each operation rounded once by NumPy."""
    q = gradient(w, g, o)
    v = v + q * q
    return moved(w, q, denominator(v, o), o), v


def assert_same_bits(*pairs):
    for ours, theirs in pairs:
        assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
        assert ours.tobytes() == theirs.tobytes()


@pytest.mark.parametrize("dtype, options", itertools.product(FLOATS, OPTIONS))
def test_step(dtype, options):
    w, g, v = random_arrays(dtype, (40, 25))
    expected_w, expected_v = step(w, g, v, options)
    several = [[part.copy() for part in np.split(a, 4)] for a in (w, g, v)]
    averaged, average_v, mean = w.copy(), v.copy(), g.copy()
    anisograd.adagrad_step(w, g, v, **options)
    assert_same_bits((w, expected_w), (v, expected_v))
    anisograd.adagrad_step_list(*several, **options)
    assert_same_bits((np.concatenate(several[0]), w), (np.concatenate(several[2]), v))
    anisograd.adagrad_step_averaged(averaged, g, average_v, mean, 3, **options)
    expected_mean = g.copy()
    anisograd.average(expected_mean, w, 3)
    assert_same_bits((averaged, w), (average_v, v), (mean, expected_mean), (mean, g + (w - g) / dtype(3)))


@pytest.mark.parametrize("dtype, options", itertools.product(FLOATS, OPTIONS))
def test_sgd_step(dtype, options):
    w, g, _ = random_arrays(dtype)
    expected = moved(w, gradient(w, g, options), np.ones_like(w), options)
    anisograd.sgd_step(w, g, **options)
    assert_same_bits((w, expected))


@pytest.mark.parametrize("dtype", FLOATS)
def test_fast_math_is_within_its_ulps(dtype):
    w, g, v = random_arrays(dtype)
    w[:] = 0  # so that w is the change alone
    exact = 0.1 * g.astype(np.longdouble) / np.sqrt((v + g * g).astype(np.longdouble))
    anisograd.adagrad_step(w, g, v, learning_rate=0.1, math="fast")
    # The header's 3 ULP, and one for the learning rate's own rounding.
    assert (np.abs(w + exact) <= 4 * np.spacing(np.abs(exact).astype(dtype))).all()


@pytest.mark.parametrize("dtype", FLOATS)
def test_accumulators_of_other_kinds(dtype):
    v = np.empty((2, 3), dtype)
    anisograd.adagrad_init(v, 1e-3)
    assert (v == dtype(1e-6)).all()
    # Sums of small integers are exact in any order.
    w, g = np.arange(6, dtype=dtype), np.array([1, -2, 3, -4, 5, 6], dtype)
    total = np.array([9.0])
    expected = w - dtype(0.5) * g / dtype(np.sqrt(9.0 + 91))
    anisograd.adagrad_norm_step(w, g, total, learning_rate=0.5)
    assert_same_bits((w, expected), (total, np.array([100.0])))
    assert anisograd.squared_norm(g) == 91


@pytest.mark.parametrize("dtype", FLOATS)
def test_dual_averaging(dtype):
    w, g, v = random_arrays(dtype)
    total = g[::-1].copy()
    v_sum, total_sum = v + g * g, total + g
    shrunk = np.maximum(np.abs(total_sum) - dtype(3 * 0.125), 0)
    expected = dtype(-0.5) * np.copysign(shrunk, total_sum) / (np.sqrt(v_sum) + dtype(0.5 * 3 * 0.25))
    anisograd.adagrad_dual_averaging_step(w, g, v, total, 3, learning_rate=0.5, l1=0.125, l2=0.25)
    assert_same_bits((v, v_sum), (total, total_sum))
    assert (w == expected).all()  # zeros may differ in sign


@pytest.mark.parametrize("dtype", FLOATS)
def test_first_non_finite(dtype):
    x = np.zeros((3, 4), dtype)
    assert anisograd.first_non_finite(x) is None
    x[1, 2] = np.nan
    assert anisograd.first_non_finite(x) == 6
    assert anisograd.first_non_finite(np.zeros(0, dtype)) is None


@pytest.mark.parametrize("dtype, index", itertools.product(FLOATS, INDICES))
def test_listed_steps(dtype, index):
    rows, cols = 6, 5
    w, g, v = random_arrays(dtype, (rows, cols))
    options = {"learning_rate": 0.1, "weight_decay": 0.1}
    listed = np.array([4, 1, 4], index)
    # The gradients of the row that is listed twice add up first.
    summed = np.stack([g[0] + g[2], g[1]])
    unlisted = [0, 2, 3, 5]

    table, state = w.copy(), v.copy()
    anisograd.adagrad_step_rows(table, state, listed, g[:3].copy(), **options)
    expected_w, expected_v = step(w[[4, 1]], summed, v[[4, 1]], options)
    assert_same_bits((table[[4, 1]], expected_w), (state[[4, 1]], expected_v), (table[unlisted], w[unlisted]))

    flat, flat_state = w.ravel().copy(), v.ravel().copy()
    positions = (listed[:, None] * cols + np.arange(cols)).ravel().astype(index)
    anisograd.adagrad_step_sparse(flat, flat_state, positions, g[:3].ravel(), **options)
    assert_same_bits((flat, table.ravel()), (flat_state, state.ravel()))

    by_row, per_row = w.copy(), v[:, 0].copy()
    anisograd.adagrad_step_rowwise(by_row, per_row, listed, g[:3].copy(), **options)
    q = gradient(w[[4, 1]], summed, options)
    mean = (q.astype(np.float64) ** 2).sum(axis=1) / cols
    # A sum of few doubles in another order, then rounded to the type.
    np.testing.assert_allclose(per_row[[4, 1]], v[[4, 1], 0] + mean, rtol=2 * np.finfo(dtype).eps)
    assert_same_bits((by_row[[4, 1]], moved(w[[4, 1]], q, np.sqrt(per_row[[4, 1]])[:, None], options)),
                     (per_row[unlisted], v[unlisted, 0]))

    # Bags: positions 0 and 1, and position 2.
    weights = np.array([0.5, 2, 3], dtype)
    for pooling, sizes in ("sum", [1, 1, 1]), ("mean", [2, 2, 1]):
        bags = anisograd.Bags(np.array([0, 2, 3]), weights, pooling)
        per_position = (weights / np.array(sizes, dtype))[:, None] * g[[0, 0, 1]]
        for pooled, plain, accumulators in (
                (anisograd.adagrad_step_rows_pooled, anisograd.adagrad_step_rows, v),
                (anisograd.adagrad_step_rowwise_pooled, anisograd.adagrad_step_rowwise, v[:, 0])):
            results = []
            for function, arguments in (pooled, (listed, bags, g[:2].copy())), (plain, (listed, per_position)):
                results.append((w.copy(), accumulators.copy()))
                function(*results[-1], *arguments, **options)
            assert_same_bits(*zip(*results))


def as_short(x, bf16):
    return anisograd.bf16_from_f32(x) if bf16 else anisograd.f16_from_f32(x)


def widened(x):
    return anisograd.f32_from_bf16(x) if x.dtype == np.uint16 else anisograd.f32_from_f16(x)


@pytest.mark.parametrize("bf16", [False, True])
def test_steps_of_16_bits(bf16):
    w, g, v = random_arrays(np.float32)
    w, g = as_short(w, bf16), as_short(g, bf16)
    wide_w, wide_v = widened(w), v.copy()
    master, copy, master_v = wide_w.copy(), np.empty_like(w), v.copy()
    anisograd.adagrad_step(wide_w, widened(g), wide_v, learning_rate=0.1)
    anisograd.adagrad_step(w, g, v, bf16=bf16, learning_rate=0.1)
    assert_same_bits((w, as_short(wide_w, bf16)), (v, wide_v))
    anisograd.adagrad_step_master(master, copy, g, master_v, bf16=bf16, learning_rate=0.1)
    assert_same_bits((master, wide_w), (copy, w), (master_v, wide_v))
    anisograd.adagrad_step_master(master, None, g, master_v, bf16=bf16)


def test_stochastic_rounding_depends_on_seed_and_step():
    results = {}
    for seed, number in itertools.product([0, 2**64 - 1], [0, 1]):
        for _ in range(2):
            w, g, v = (as_short(a, False) for a in random_arrays(np.float32))
            anisograd.adagrad_step(w, g, widened(v), rounding="stochastic", seed=seed, step=number)
            assert results.setdefault((seed, number), w.tobytes()) == w.tobytes()
    assert len(set(results.values())) == 4


def test_conversions():
    x = np.concatenate([random_arrays(np.float32)[0], np.float32([0, -0.0, np.inf, 1e-8, 7e4, 2**-149])])
    with np.errstate(over="ignore"):
        short = x.astype(np.float16)
    assert_same_bits((anisograd.f16_from_f32(x), short))
    assert_same_bits((anisograd.f32_from_f16(short), short.astype(np.float32)))
    bits = x.view(np.uint32)
    rounded = ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype(np.uint16)
    assert_same_bits((anisograd.bf16_from_f32(x), rounded))
    assert_same_bits((anisograd.f32_from_bf16(rounded), (rounded.astype(np.uint32) << 16).view(np.float32)))
    for function, wrong in ((anisograd.f32_from_bf16, short), (anisograd.f32_from_f16, rounded),
                            (anisograd.bf16_from_f32, short)):
        with pytest.raises(TypeError, match="^x: expected"):
            function(wrong)


def test_compressed_accumulators():
    w, g, v = random_arrays(np.float32, 600)
    codes, scales = anisograd.accumulator_encode(v)
    assert codes.dtype == np.uint8 and scales.shape == (3,)
    wide_w, wide_v = w.copy(), anisograd.accumulator_decode(codes, scales)
    anisograd.adagrad_step(wide_w, g, wide_v, learning_rate=0.1)
    expected = anisograd.accumulator_encode(wide_v)
    anisograd.adagrad_step_compressed(w, g, codes, scales, learning_rate=0.1)
    assert_same_bits((w, wide_w), (codes, expected[0]), (scales, expected[1]))
    with pytest.raises(ValueError, match=r"^scales: expected the shape \(3,\)"):
        anisograd.adagrad_step_compressed(w, g, codes, scales[:2])
    out = np.empty_like(codes), np.empty_like(scales)
    assert anisograd.accumulator_encode(wide_v, out=out)[0] is out[0]
    assert_same_bits(*zip(out, expected))


@pytest.mark.parametrize("dtype", FLOATS)
def test_elementary_functions(dtype):
    x = (random_arrays(dtype)[0] * 3).reshape(20, 50)
    wide = x.astype(np.longdouble)
    for function, exact in ((anisograd.exp, np.exp(wide)), (anisograd.sigmoid, 1 / (1 + np.exp(-wide))),
                            (anisograd.softplus, np.log1p(np.exp(wide)))):
        ours = function(x)
        # 1 ULP, and half of one for the rounding of the exact value to find its spacing.
        assert (np.abs(ours - exact) <= 1.5 * np.spacing(exact.astype(dtype))).all()
        out = np.empty_like(x)
        assert function(x, out=out) is out
        in_place = x.copy()
        function(in_place, out=in_place)
        assert_same_bits((out, ours), (in_place, ours))
    positive = np.abs(x)
    exact = np.log1p(positive.astype(np.longdouble))
    assert (np.abs(anisograd.log1p(positive) - exact) <= 1.5 * np.spacing(exact.astype(dtype))).all()


def test_shuffled_indices():
    order = anisograd.shuffle_indices(1000, seed=2**64 - 1, epoch=1)
    assert order.dtype == np.int64 and (np.sort(order) == np.arange(1000)).all()
    out = np.empty(1000, np.int64)
    assert anisograd.shuffle_indices(1000, 2**64 - 1, 1, out=out) is out and (out == order).all()
    assert (anisograd.shuffle_indices(1000, 2**64 - 1, 2) != order).any()
    assert anisograd.shuffle_indices(0, 0, 0).size == 0


def test_every_isa_and_number_of_threads_gives_the_same_bits():
    w, g, v = random_arrays(np.float32, 1 << 17)
    expected = step(w, g, v, {})
    for isa in ("portable", "avx2", "avx512", "neon"):
        if anisograd.isa_supported(isa):
            anisograd.set_isa(isa)
            assert anisograd.active_isa() == isa
            for threads in 1, 2:
                anisograd.set_num_threads(threads)
                assert anisograd.get_num_threads() == threads
                w_now, v_now = w.copy(), v.copy()
                anisograd.adagrad_step(w_now, g, v_now)
                assert_same_bits((w_now, expected[0]), (v_now, expected[1]))
