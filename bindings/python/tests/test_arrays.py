# SPDX-License-Identifier: BSD-3-Clause
"""What is refused, with which exception and argument, and that nothing has been written then."""

import numpy as np
import pytest

import anisograd


def misaligned(n):
    return np.zeros(8 * n + 1, np.uint8)[1:].view(np.float64)


def read_only(n):
    array = np.zeros(n)
    array.flags.writeable = False
    return array


@pytest.mark.parametrize("name", ["w", "g", "v"])
@pytest.mark.parametrize("bad, error, words", [
    ([0.0] * 4, TypeError, "expected a NumPy array, not list"),
    (None, TypeError, "expected a NumPy array, not NoneType"),
    (np.ma.masked_array(np.zeros(4)), TypeError, "expected a NumPy array, not MaskedArray"),
    (np.zeros(4, np.int64), TypeError, "not int64"),
    (np.zeros(4, np.complex128), TypeError, "not complex128"),
    (np.zeros(4, np.dtype(np.float64).newbyteorder()), TypeError, "expected float"),
    (np.zeros(8)[::2], ValueError, "not C-contiguous"),
    (np.zeros(4)[::-1], ValueError, "not C-contiguous"),
    (misaligned(4), ValueError, "not aligned"),
])
def test_bad_arrays(name, bad, error, words):
    arrays = {"w": np.ones(4), "g": np.ones(4), "v": np.ones(4)}
    arrays[name] = bad
    with pytest.raises(error, match=rf"^{name}: .*{words}"):
        anisograd.adagrad_step(**arrays)
    for other in {"w", "v"} - {name}:
        assert (arrays[other] == 1).all()


@pytest.mark.parametrize("name", ["g", "v"])
@pytest.mark.parametrize("bad, error, words", [
    (np.ones(4, np.float32), TypeError, "expected float64, not float32"),
    (np.ones(3), ValueError, r"expected the shape \(4,\), not \(3,\)"),
    (np.ones((2, 2)), ValueError, r"expected the shape \(4,\), not \(2, 2\)"),
    (np.float64(1), TypeError, "expected a NumPy array, not float64"),
])
def test_arrays_that_differ(name, bad, error, words):
    arrays = {"w": np.ones(4), "g": np.ones(4), "v": np.ones(4)}
    arrays[name] = bad
    with pytest.raises(error, match=f"^{name}: {words}"):
        anisograd.adagrad_step(**arrays)
    assert (arrays["w"] == 1).all()


def test_read_only_arrays_are_read_and_not_written():
    anisograd.adagrad_step(np.zeros(4), read_only(4), np.zeros(4))
    for name in "w", "v":
        arrays = {"w": np.zeros(4), "g": np.zeros(4), "v": np.zeros(4), name: read_only(4)}
        with pytest.raises(ValueError, match=f"^{name}: is read-only"):
            anisograd.adagrad_step(**arrays)
    with pytest.raises(ValueError, match="^out: is read-only"):
        anisograd.exp(np.zeros(4), out=read_only(4))
    with pytest.raises(ValueError, match="^x: is read-only"):
        anisograd.project_rows(np.broadcast_to(np.zeros(3), (2, 3)), anisograd.Box())


def test_overlapping_arrays_are_the_librarys_error():
    memory = np.ones(6)
    with pytest.raises(anisograd.ArgumentError, match="overlap") as caught:
        anisograd.adagrad_step(memory[:4], np.ones(4), memory[2:])
    assert caught.value.status is anisograd.Status.OVERLAP
    assert isinstance(caught.value, ValueError) and isinstance(caught.value, anisograd.Error)
    assert str(caught.value) == anisograd.last_error()
    assert (memory == 1).all()


def test_arrays_that_are_views_subclasses_or_empty():
    w, g, v = np.zeros((3, 4), order="C"), np.ones((3, 4)), np.zeros((3, 4))
    anisograd.adagrad_step(w[1], g[0], v[2], learning_rate=0.5)
    assert (w[1] == -0.5).all() and not w[[0, 2]].any()
    anisograd.adagrad_step(w.view(np.matrix), g.view(np.matrix), v.view(np.matrix))
    assert (w != 0).all()
    for shape in (0,), (0, 3), (3, 0):
        anisograd.adagrad_step(np.zeros(shape), np.zeros(shape), np.zeros(shape))
    scalar = np.zeros(())
    anisograd.adagrad_step(scalar, np.ones(()), np.zeros(()), learning_rate=0.5)
    assert scalar == -0.5
    with pytest.raises(ValueError, match="^w: is not C-contiguous"):
        anisograd.adagrad_step(w.T, g.T, v.T)


@pytest.mark.parametrize("options, error, words", [
    ({"learning_rat": 0.1}, TypeError, "unexpected keyword argument 'learning_rat'"),
    ({"struct_size": 8}, TypeError, "unexpected keyword argument 'struct_size'"),
    ({"learning_rate": "0.1"}, TypeError, "^learning_rate: expected a real number, not str"),
    ({"learning_rate": None}, TypeError, "^learning_rate: expected a real number, not NoneType"),
    ({"learning_rate": 1j}, TypeError, "^learning_rate: expected a real number, not complex"),
    ({"learning_rate": -1}, anisograd.ArgumentError, "learning_rate"),
    ({"epsilon": float("nan")}, anisograd.ArgumentError, "epsilon"),
    ({"epsilon_mode": "within"}, ValueError,
     "^epsilon_mode: expected 'in_state' or 'outside' or 'inside', not 'within'"),
    ({"epsilon_mode": 1}, TypeError, "^epsilon_mode: expected a string, not int"),
    ({"maximize": 2}, TypeError, "^maximize: expected True or False, not int"),
    ({"seed": -1}, ValueError, "^seed: -1 is not in 0"),
    ({"step": 2**64}, ValueError, "^step: 18446744073709551616 is not in 0"),
    ({"step": 1.5}, TypeError, "^step: expected an integer, not float"),
])
def test_bad_options(options, error, words):
    w, v = np.ones(2), np.ones(2)
    with pytest.raises(error, match=words):
        anisograd.adagrad_step(w, np.ones(2), v, **options)
    assert (w == 1).all() and (v == 1).all()


@pytest.mark.parametrize("call, error, words", [
    (lambda: anisograd.average(np.zeros(2), np.zeros(2), 0), anisograd.ArgumentError, "t"),
    (lambda: anisograd.average(np.zeros(2), np.zeros(2), -1), ValueError, "^t: -1 is not in"),
    (lambda: anisograd.average(np.zeros(2), np.zeros(2), 1.0), TypeError, "^t: expected an integer"),
    (lambda: anisograd.adagrad_init(np.zeros(2), "1"), TypeError, "^epsilon: expected a real number"),
    (lambda: anisograd.adagrad_step(np.zeros(2, np.uint16), None, None), TypeError, "^w: expected bf16=True"),
    (lambda: anisograd.adagrad_step(np.zeros(2, np.float16), None, None, bf16=True), TypeError, "^w: expected uint16"),
    (lambda: anisograd.adagrad_step_list([np.zeros(2)], [], []), ValueError, "^g: expected 1 arrays"),
    (lambda: anisograd.adagrad_step_list([np.zeros(2), 3], [np.zeros(2)] * 2, [np.zeros(2)] * 2), TypeError,
     r"^w\[1\]: "),
    (lambda: anisograd.adagrad_step_list([np.zeros(2)], [np.zeros(3)], [np.zeros(2)]), ValueError, r"^g\[0\]: .*shape"),
    (lambda: anisograd.adagrad_norm_step(np.zeros(2), np.zeros(2), 0.0), TypeError, "^v: expected a NumPy array"),
    (lambda: anisograd.adagrad_step_sparse(np.zeros(2), np.zeros(2), np.array([2]), np.zeros(1)),
     anisograd.ArgumentError, "indices"),
    (lambda: anisograd.adagrad_step_sparse(np.zeros(2), np.zeros(2), np.array([1], np.int16), np.zeros(1)), TypeError,
     "^indices: expected int64 or int32"),
    (lambda: anisograd.adagrad_step_rows(np.zeros(2), np.zeros(2), np.array([1]), np.zeros(1)), ValueError,
     "^w: expected 2 dimensions"),
    (lambda: anisograd.adagrad_step_rows(np.zeros((2, 3)), np.zeros((2, 3)), np.array([1]), np.zeros((1, 2))),
     ValueError, r"^g: expected the shape \(1, 3\)"),
    (lambda: anisograd.adagrad_step_rows_pooled(
        np.zeros((2, 3)), np.zeros((2, 3)), np.array([1]), anisograd.Bags(np.array([0, 2])), np.zeros((1, 3))),
     anisograd.ArgumentError, "offsets"),
    (lambda: anisograd.shuffle_indices(-1, 0, 0), ValueError, "^n: -1 is not in"),
    (lambda: anisograd.set_isa("sse9"), ValueError, "^isa: expected 'portable'"),
    (lambda: anisograd.set_num_threads(-1), anisograd.ArgumentError, "ag_set_num_threads"),
    (lambda: anisograd.set_num_threads(2**32), ValueError, "^n: "),
])
def test_other_bad_arguments(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_an_isa_that_is_not_supported():
    unsupported = [isa for isa in ("avx2", "avx512", "neon") if not anisograd.isa_supported(isa)]
    for isa in unsupported:
        with pytest.raises(anisograd.Error) as caught:
            anisograd.set_isa(isa)
        assert caught.value.status is anisograd.Status.UNSUPPORTED_ISA
    assert unsupported  # no CPU has both AVX and NEON


def test_no_memory_is_a_memory_error():
    error = anisograd._errors.error_of(10, "a message")
    assert isinstance(error, MemoryError) and isinstance(error, anisograd.Error) and str(error) == "a message"
