# SPDX-License-Identifier: BSD-3-Clause
"""The data set a9a, and the library's logistic loss over it, for the tests that train on it.

A test takes the library's path as its first argument; the folder ANISOGRAD_DATA has the file a9a.
"""

import ctypes
import os
import sys

SKIPPED = 77

try:
    import numpy as np
except ImportError:
    print("skipped: NumPy is not installed")
    sys.exit(SKIPPED)

PATH = os.path.join(os.environ.get("ANISOGRAD_DATA", ""), "a9a")
if not os.path.isfile(PATH):
    print(f"skipped: no file {PATH}; ANISOGRAD_DATA names the folder with the data sets")
    sys.exit(SKIPPED)

FEATURES = 123


class Csr(ctypes.Structure):
    _fields_ = [("rows", ctypes.c_size_t), ("cols", ctypes.c_size_t), ("row_offsets", ctypes.c_void_p),
                ("columns", ctypes.c_void_p), ("values", ctypes.c_void_p)]


class AdagradOptions(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("learning_rate", ctypes.c_double), ("epsilon", ctypes.c_double),
                ("epsilon_mode", ctypes.c_int32), ("maximize", ctypes.c_int32), ("weight_decay", ctypes.c_double),
                ("decoupled_weight_decay", ctypes.c_double), ("gradient_scale", ctypes.c_double),
                ("l1", ctypes.c_double), ("l2", ctypes.c_double), ("math", ctypes.c_int32),
                ("rounding", ctypes.c_int32), ("seed", ctypes.c_uint64), ("step", ctypes.c_uint64)]


class LogisticOptions(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("labels", ctypes.c_int32), ("reduction", ctypes.c_int32),
                ("fit_intercept", ctypes.c_int32), ("l2", ctypes.c_double), ("sample_weight", ctypes.c_void_p),
                ("row_indices", ctypes.c_void_p), ("row_count", ctypes.c_size_t), ("workspace", ctypes.c_void_p),
                ("workspace_size", ctypes.c_size_t)]


library = ctypes.CDLL(sys.argv[1])


def call(name, *arguments):
    def converted(a):
        if isinstance(a, np.ndarray):
            return ctypes.c_void_p(a.ctypes.data)
        return ctypes.c_size_t(a) if isinstance(a, int) else a
    status = getattr(library, name)(*map(converted, arguments))
    if status != 0:
        library.ag_last_error.restype = ctypes.c_char_p
        sys.exit(f"{name}: {library.ag_last_error().decode()}")


def read():
    labels, offsets, columns = [], [0], []
    with open(PATH, encoding="ascii") as file:
        for line in file:
            label, *entries = line.split()
            labels.append(float(label))
            columns.extend(int(entry.split(":")[0]) - 1 for entry in entries)  # all values are 1
            offsets.append(len(columns))
    return np.array(labels), np.array(offsets, np.int64), np.array(columns, np.int32)


LABELS, OFFSETS, COLUMNS = read()
LABELS_OF = {np.dtype(t): LABELS.astype(t) for t in (np.float32, np.float64)}
ROWS = len(LABELS)
X = Csr(ROWS, FEATURES, OFFSETS.ctypes.data, COLUMNS.ctypes.data, None)


def adagrad_options():
    options = AdagradOptions()
    library.ag_adagrad_options_init_sized(ctypes.byref(options), ctypes.c_size_t(ctypes.sizeof(options)))
    return options


def logistic(w, rows, gradient):
    """The mean loss, over the rows or all; its gradient is written, or not where that is None."""
    options = LogisticOptions()
    library.ag_logistic_options_init_sized(ctypes.byref(options), ctypes.c_size_t(ctypes.sizeof(options)))
    if rows is not None:
        options.row_indices, options.row_count = rows.ctypes.data, len(rows)
    loss = np.zeros(1)
    suffix = "f32" if w.dtype == np.float32 else "f64"
    call(f"ag_logistic_csr_{suffix}", ctypes.byref(X), LABELS_OF[w.dtype], w, ctypes.byref(options), loss, gradient)
    return loss[0]
