# SPDX-License-Identifier: BSD-3-Clause
"""AdaGrad steps, projections in AdaGrad's metric, and logistic loss on the CPU, on NumPy arrays in place.

Each function is one of the C interface's, without its prefix ag_; the arrays' types choose the variant. What
anisograd.h promises holds here too: the same bits from every instruction set and number of threads.

Common rules
    Arrays are NumPy arrays that C can use where they lie: of the type that the function says, in the machine's byte
    order, C-contiguous (matrices: see below), aligned, and writeable where they are written. Anything else is a
    TypeError or ValueError that names the argument: nothing is ever copied or converted silently. Several dimensions
    count as one vector, but shapes must agree. Written arrays must not overlap others, except that an elementwise
    function may work exactly in place.
    Matrices X are 2-D arrays whose rows may lie apart (X[::2], X[:, :k]), SciPy CSR matrices, or `Csr`.
    Options are keyword arguments, and have the C interface's defaults: see `AdagradOptions`, `LogisticOptions`.
    Enumerations are strings.
    Errors of the library are `Error`, with a status; `ArgumentError` is a ValueError, `OutOfMemoryError` a MemoryError.
    Nothing has been written then, but for the status NOT_PROJECTED.
    The GIL is released during each call. Calls from several threads at once are safe on different data.
    bfloat16, which NumPy has not, is the uint16 numbers of its bits, where bf16=True says so.

>>> w, g, v = np.array([1.0, 2.0]), np.array([0.5, -1.0]), np.zeros(2)
>>> anisograd.adagrad_step_projected(w, g, v, anisograd.L2Ball(radius=2), learning_rate=0.1)
>>> w.round(3)
array([0.72 , 1.866])
"""

from ._elementary import (bf16_from_f32, exp, f16_from_f32, f32_from_bf16, f32_from_f16, log1p, shuffle_indices,
                          sigmoid, softplus)
from ._errors import ArgumentError, Error, OutOfMemoryError, Status
from ._listed_steps import (Bags, adagrad_step_rows, adagrad_step_rows_pooled, adagrad_step_rowwise,
                            adagrad_step_rowwise_pooled, adagrad_step_sparse)
from ._logistic import (FromMargins, logistic, logistic_columns_workspace, logistic_from_margins,
                        logistic_hessian_diagonal, logistic_hessian_vector, logistic_margins, logistic_noise,
                        logistic_probabilities, logistic_smoothness, logistic_sparse_gradient,
                        logistic_sparse_gradient_workspace, logistic_workspace, softmax, softmax_workspace)
from ._matrices import Csr
from ._options import AdagradOptions, LogisticOptions
from ._projections import (ProjectionReport, Reducer, adagrad_step_projected, project, project_rows, project_workspace,
                           shard_granule)
from ._runtime import (active_isa, get_num_threads, isa_name, isa_supported, last_error, set_isa, set_num_threads,
                       status_string, version_string)
from ._sets import (Box, BoxSection, CappedSimplex, GroupL1Ball, Halfspace, Hyperplane, L1Ball, L2Ball, LinfBall,
                    Nonnegative, SecondOrderCone, Set, Simplex, Slab, WeightedL1Ball)
from ._steps import (ACCUMULATOR_BLOCK, accumulator_decode, accumulator_encode, adagrad_dual_averaging_step,
                     adagrad_init, adagrad_norm_step, adagrad_step, adagrad_step_averaged, adagrad_step_compressed,
                     adagrad_step_list, adagrad_step_master, average, first_non_finite, sgd_step, squared_norm)
from ._version import __version__

__all__ = [
    "ACCUMULATOR_BLOCK", "AdagradOptions", "ArgumentError", "Bags", "Box", "BoxSection", "CappedSimplex", "Csr",
    "Error", "FromMargins", "GroupL1Ball", "Halfspace", "Hyperplane", "L1Ball", "L2Ball", "LinfBall",
    "LogisticOptions", "Nonnegative", "OutOfMemoryError", "ProjectionReport", "Reducer", "SecondOrderCone", "Set",
    "Simplex", "Slab", "Status", "WeightedL1Ball", "__version__", "accumulator_decode", "accumulator_encode",
    "active_isa", "adagrad_dual_averaging_step", "adagrad_init", "adagrad_norm_step", "adagrad_step",
    "adagrad_step_averaged", "adagrad_step_compressed", "adagrad_step_list", "adagrad_step_master",
    "adagrad_step_projected", "adagrad_step_rows", "adagrad_step_rows_pooled", "adagrad_step_rowwise",
    "adagrad_step_rowwise_pooled", "adagrad_step_sparse", "average", "bf16_from_f32", "exp", "f16_from_f32",
    "f32_from_bf16", "f32_from_f16", "first_non_finite", "get_num_threads", "isa_name", "isa_supported",
    "last_error", "log1p", "logistic", "logistic_columns_workspace", "logistic_from_margins",
    "logistic_hessian_diagonal", "logistic_hessian_vector", "logistic_margins", "logistic_noise",
    "logistic_probabilities", "logistic_smoothness", "logistic_sparse_gradient",
    "logistic_sparse_gradient_workspace", "logistic_workspace", "project", "project_rows",
    "project_workspace", "set_isa", "set_num_threads", "sgd_step", "shard_granule", "shuffle_indices", "sigmoid",
    "softmax", "softmax_workspace", "softplus", "squared_norm", "status_string", "version_string",
]
