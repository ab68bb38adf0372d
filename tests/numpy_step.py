# SPDX-License-Identifier: BSD-3-Clause
"""One AdaGrad step through ctypes equals the NumPy expression bit for bit. Argument: the shared library."""
import ctypes
import sys

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no NumPy")
    sys.exit(77)

library = ctypes.CDLL(sys.argv[1])
library.ag_isa_name.restype = ctypes.c_char_p


# The first fields, as a caller compiled with an older version has them.
class Options(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("learning_rate", ctypes.c_double), ("epsilon", ctypes.c_double),
                ("epsilon_mode", ctypes.c_int32), ("maximize", ctypes.c_int32), ("weight_decay", ctypes.c_double),
                ("decoupled_weight_decay", ctypes.c_double), ("gradient_scale", ctypes.c_double)]


def pointer(array):
    return array.ctypes.data_as(ctypes.c_void_p)


compared = 0
for isa in range(4):
    if not library.ag_isa_supported(isa):
        print(f"skipped on this machine: {library.ag_isa_name(isa).decode()}")
        continue
    assert library.ag_set_isa(isa) == 0
    for dtype, suffix in ((np.float32, "f32"), (np.float64, "f64")):
        step = getattr(library, "ag_adagrad_step_" + suffix)
        for n in (1, 15, 64, 1000, 300007):
            random = np.random.default_rng(n)
            w = random.standard_normal(n).astype(dtype)
            g = random.standard_normal(n).astype(dtype)
            v = random.random(n).astype(dtype)
            options = Options()
            library.ag_adagrad_options_init_sized(ctypes.byref(options), ctypes.c_size_t(ctypes.sizeof(options)))
            options.learning_rate = 0.1
            w_ours, v_ours = w.copy(), v.copy()
            status = step(ctypes.c_size_t(n), pointer(w_ours), pointer(g), pointer(v_ours), ctypes.byref(options))
            assert status == 0, status

            lr = dtype(0.1)
            v += g * g
            w -= (lr * g) / np.sqrt(v)

            assert w.tobytes() == w_ours.tobytes() and v.tobytes() == v_ours.tobytes(), (isa, suffix, n)
            compared += 1
assert compared >= 10
print(f"{compared} steps equal NumPy {np.__version__} bit for bit")
