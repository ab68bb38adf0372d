# SPDX-License-Identifier: BSD-3-Clause
"""scikit-learn's logistic loss and gradient, on one thread, of arrays in a file that both processes map. Each line on
standard input asks for one evaluation; its loss is the answer.

    scikit_learn.py FILE f32|f64 ROWS COLS ENTRIES

The file holds, each from a multiple of 64 bytes on: with ENTRIES other than 0 a CSR matrix, that is its row offsets and
columns (32 bits) and its values, else the dense matrix; the labels 0 and 1; the model.
"""

import sys

import numpy
import scipy.sparse
from sklearn._loss import HalfBinomialLoss
from sklearn.linear_model._linear_loss import LinearModelLoss

path, type_name = sys.argv[1:3]
rows, cols, entries = (int(argument) for argument in sys.argv[3:])
number = numpy.float32 if type_name == "f32" else numpy.float64
position = 0


def array(dtype, count):
    global position
    result = numpy.memmap(path, dtype, "r", position, (count,))
    position += (result.nbytes + 63) // 64 * 64
    return numpy.asarray(result)


if entries != 0:
    offsets, columns, values = array(numpy.int32, rows + 1), array(numpy.int32, entries), array(number, entries)
    X = scipy.sparse.csr_matrix((values, columns, offsets), (rows, cols), copy=False)
else:
    X = array(number, rows * cols).reshape(rows, cols)
y, w = array(number, rows), array(number, cols)
loss = LinearModelLoss(HalfBinomialLoss(), fit_intercept=False)
for _ in sys.stdin:
    print(loss.loss_gradient(w, X, y, n_threads=1)[0], flush=True)
