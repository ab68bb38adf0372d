# SPDX-License-Identifier: BSD-3-Clause
"""What the comparisons of steps in Python share: the library through ctypes, how far rounding may take two ways to
compute one formula apart, and problems to optimise."""
import ctypes
import sys

try:
    import numpy as np
except ImportError:
    print("skipped: this Python has no NumPy")
    sys.exit(77)

IN_STATE, OUTSIDE, INSIDE = 0, 1, 2
STEPS = 200


class Options(ctypes.Structure):
    _fields_ = [("struct_size", ctypes.c_size_t), ("learning_rate", ctypes.c_double), ("epsilon", ctypes.c_double),
                ("epsilon_mode", ctypes.c_int32), ("maximize", ctypes.c_int32), ("weight_decay", ctypes.c_double),
                ("decoupled_weight_decay", ctypes.c_double), ("gradient_scale", ctypes.c_double),
                ("l1", ctypes.c_double), ("l2", ctypes.c_double), ("math", ctypes.c_int32)]


class Library:
    """The C functions on NumPy arrays, all of one type."""

    def __init__(self, path):
        assert np.finfo(np.longdouble).eps < 1e-18, "long double is no wider than double"
        self.library = ctypes.CDLL(path)
        self.library.ag_last_error.restype = ctypes.c_char_p
        self.library.ag_isa_name.restype = ctypes.c_char_p
        self.isas = [isa for isa in range(4) if self.library.ag_isa_supported(isa)]

    def isa_name(self, isa):
        return self.library.ag_isa_name(isa).decode()

    def use(self, isa):
        assert self.library.ag_set_isa(isa) == 0

    def options(self, **fields):
        options = Options()
        self.library.ag_adagrad_options_init_sized(ctypes.byref(options), ctypes.c_size_t(ctypes.sizeof(options)))
        assert options.struct_size == ctypes.sizeof(options)
        for name, value in fields.items():
            assert hasattr(options, name), name
            setattr(options, name, value)
        return options

    def call(self, name, *arrays, options=None, t=None):
        """name_f32 or name_f64 (n, arrays..., t where it is given, options where there are any). The type is that of
        the first array."""
        arguments = [ctypes.c_size_t(arrays[0].size), *map(pointer, arrays)]
        if t is not None:
            arguments.append(ctypes.c_size_t(t))
        if options is not None:
            arguments.append(ctypes.byref(options))
        self.checked(name + suffix(arrays[0]), *arguments)

    def step_list(self, w, g, v, options):
        """One call for lists of arrays."""
        count = len(w)
        sizes = (ctypes.c_size_t * count)(*(array.size for array in w))
        lists = [(ctypes.c_void_p * count)(*map(pointer, arrays)) for arrays in (w, g, v)]
        self.checked("ag_adagrad_step_list" + suffix(w[0]), ctypes.c_size_t(count), sizes, *lists,
                     ctypes.byref(options))

    def step_listed(self, w, v, indices, g, options):
        """ag_adagrad_step_sparse where w has one dimension, ag_adagrad_step_rows where it has two."""
        name = ("ag_adagrad_step_sparse", "ag_adagrad_step_rows")[w.ndim - 1] + suffix(w) + (
            "_i32" if indices.dtype == np.int32 else "")
        assert v.shape == w.shape and g.shape == indices.shape + w.shape[1:], name
        assert v.dtype == g.dtype == w.dtype and indices.dtype in (np.int32, np.int64), name
        self.checked(name, *map(ctypes.c_size_t, w.shape), pointer(w), pointer(v), ctypes.c_size_t(indices.size),
                     pointer(indices), pointer(g), ctypes.byref(options))

    def checked(self, name, *arguments):
        status = getattr(self.library, name)(*arguments)
        assert status == 0, (name, status, self.library.ag_last_error().decode())


def suffix(array):
    return "_f32" if array.dtype == np.float32 else "_f64"


def pointer(array):
    assert array.flags.c_contiguous
    return ctypes.c_void_p(array.ctypes.data)


# ---- How far two ways to compute a formula may lie apart ------------------------------------------------

# Of a type: half the spacing at 1, and long double's for the rounding of Exact.value; half the smallest subnormal.
UNITS = {dtype: (np.longdouble(np.finfo(dtype).eps) / 2 + np.finfo(np.longdouble).eps,
                 np.longdouble(np.finfo(dtype).smallest_subnormal) / 2) for dtype in (np.float32, np.float64)}


class Exact:
    """A value in long double, and a bound of how far from it a computation lies that rounds each operation to nearest
    at most once. For x op y with errors e_x, e_y, and u half the spacing of numbers at 1:

        |x + y|    e_x + e_y
        |x * y|    |x| e_y + |y| e_x + e_x e_y
        |x / y|    (|x| e_y + |y| e_x) / (|y| (|y| - e_y)),   unbounded where e_y >= |y|
        sqrt(x)    min(e_x / sqrt(x), sqrt(e_x))              as |sqrt(a) - sqrt(b)| (sqrt(a) + sqrt(b)) = |a - b|

    and then u (|result| + that error) for the rounding, at least half the smallest subnormal number. An operation that
    is fused with the next one is not rounded, which keeps the bound. So two computations that evaluate the same real
    formula lie within the sum of their bounds, whatever they fuse and in whatever order they multiply."""

    __array_ufunc__ = None  # NumPy leaves array * Exact to this class

    def __init__(self, value, error, dtype):
        self.value, self.error, self.dtype = value, error, dtype

    @staticmethod
    def of(array):
        """Numbers that every computation starts from."""
        return Exact(array.astype(np.longdouble), np.zeros(array.shape, np.longdouble), array.dtype.type)

    def constant(self, number):
        """An option, as the type has it."""
        return Exact(np.longdouble(self.dtype(number)), np.longdouble(0), self.dtype)

    def rounded(self, value, error):
        unit, least = UNITS[self.dtype]
        return Exact(value, error + np.maximum(unit * (np.abs(value) + error), least), self.dtype)

    def other(self, x):
        return x if isinstance(x, Exact) else self.constant(x)

    def __add__(self, x):
        x = self.other(x)
        return self.rounded(self.value + x.value, self.error + x.error)

    def __sub__(self, x):
        x = self.other(x)
        return self.rounded(self.value - x.value, self.error + x.error)

    def __mul__(self, x):
        x = self.other(x)
        return self.rounded(self.value * x.value,
                            np.abs(self.value) * x.error + np.abs(x.value) * self.error + self.error * x.error)

    def __truediv__(self, x):
        x = self.other(x)
        y = np.abs(x.value)
        with np.errstate(divide="ignore", invalid="ignore"):
            error = (np.abs(self.value) * x.error + y * self.error) / (y * np.maximum(y - x.error, 0))
            value = self.value / x.value
        return self.rounded(value, error)

    def sqrt(self):
        root = np.sqrt(self.value)
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.rounded(root, np.where(self.value > 0, np.minimum(self.error / root, np.sqrt(self.error)),
                                               np.sqrt(self.error)))

    def __neg__(self):
        return Exact(-self.value, self.error, self.dtype)

    def __getitem__(self, positions):
        return Exact(self.value[positions], self.error[positions], self.dtype)

    def replaced(self, positions, x):
        """Itself with x at the positions."""
        value, error = self.value.copy(), self.error.copy()
        value[positions], error[positions] = x.value, x.error
        return Exact(value, error, self.dtype)

    def sums(self, positions, n):
        """n sums: number i is that of the terms k with positions[k] = i, in any order. Of c terms each takes part in
        at most c - 1 additions. Each multiplies it by a factor within u of 1, as sums below the normal numbers are
        exact, and all of them by one within (1 + u)^(c - 1) - 1 of 1."""
        value, terms, error = (np.zeros(n, np.longdouble) for _ in range(3))
        for total, x in ((value, self.value), (terms, np.abs(self.value) + self.error), (error, self.error)):
            np.add.at(total, positions, x)
        additions = np.maximum(np.bincount(positions, minlength=n) - 1, 0)
        return Exact(value, error + terms * np.expm1(additions * np.log1p(UNITS[self.dtype][0])), self.dtype)

    def soft_threshold(self, x):
        """sign(self) max(|self| - x, 0), which changes by no more than self and x together."""
        x = self.other(x)
        value = np.copysign(np.maximum(np.abs(self.value) - x.value, 0), self.value)
        return self.rounded(value, self.error + x.error)


class Drift:
    """The largest distances seen between ours and theirs."""

    def __init__(self, name):
        self.name, self.share, self.ulps, self.bound_ulps, self.count = name, 0.0, 0.0, 0.0, 0

    def compare(self, ours, theirs, our_bound, their_bound, where):
        """ours, theirs: arrays. The bounds: Exact, of the same formula, evaluated as each side does."""
        assert np.isfinite(ours).all() and np.isfinite(theirs).all(), where
        bound = our_bound.error + their_bound.error
        # The formulas are the same one: their values differ by the rounding of long double alone, of which the errors
        # hold 2^10 times as much, or for Logistic.exact_gradient's part twice as much each.
        apart = np.abs(our_bound.value - their_bound.value)
        assert (apart <= bound / 4).all(), (self.name, where, "the formulas differ")
        bound = bound + apart
        distance = np.abs(ours.astype(np.longdouble) - theirs.astype(np.longdouble))
        beyond = np.flatnonzero(~(distance <= bound))
        assert beyond.size == 0, (self.name, where, beyond[:3], ours[beyond[:3]], theirs[beyond[:3]],
                                  bound[beyond[:3]])
        # A number near 0 is as accurate as its neighbours, not as its own last place.
        magnitude = np.abs(our_bound.value)
        spacing = np.spacing(np.maximum(magnitude, np.mean(magnitude)).astype(ours.dtype))
        self.share = max(self.share, float(np.max(distance / np.maximum(bound, np.finfo(np.longdouble).tiny))))
        self.ulps = max(self.ulps, float(np.max(distance / spacing)))
        self.bound_ulps = max(self.bound_ulps, float(np.median(bound / spacing)))
        self.count += ours.size

    def __str__(self):
        return (f"{self.name}: {self.count} numbers, at most {self.ulps:.3g} ULP apart; the bound's median is at most "
                f"{self.bound_ulps:.3g} ULP; at most {self.share:.0%} of the bound")


# ---- Problems ------------------------------------------------------------------------------------------

class RandomGradients:
    """Gradients that do not depend on w; one of twenty is 0, as where a feature is absent."""
    name = "random"
    least_accumulator = 0.0

    def __init__(self, n, dtype):
        random = np.random.default_rng(n)
        self.start = random.standard_normal(n).astype(dtype)
        self.all = (random.standard_normal((STEPS, n)) * (random.random((STEPS, n)) >= 0.05)).astype(dtype)

    def gradient(self, w, step):
        return self.all[step]

    def exact_gradient(self, w, step):
        return Exact.of(self.all[step])


class Quadratic:
    """h / 2 (w - c)^2 in each coordinate, h over two orders of magnitude. The start is at least 1/2 from c: the bound
    grows by 1 + eta h / lambda a step, and lambda is at least the first gradient."""
    name = "quadratic"
    least_accumulator = 0.0

    def __init__(self, n, dtype):
        random = np.random.default_rng(n + 1)
        self.h = np.exp(random.uniform(np.log(0.1), np.log(10), n)).astype(dtype)
        self.center = random.standard_normal(n).astype(dtype)
        away = random.uniform(0.5, 2, n) * random.choice([-1, 1], n)
        self.start = (self.center + away).astype(dtype)

    def gradient(self, w, step):
        return self.h * (w - self.center)

    def exact_gradient(self, w, step):
        return Exact.of(self.h) * (w - Exact.of(self.center))


class Logistic:
    """The mean loss of logistic regression on sparse rows. The gradient is evaluated in long double and rounded once;
    with the Hessian at most 1/4 |X|^T |X| / rows, entry by entry, an error e of w makes one of at most that times e.
    A step multiplies the bound by about 1 + 2 eta hessian / lambda, which needs an accumulator that does not start
    near 0."""
    name = "logistic"
    least_accumulator = 0.01
    rows = 60

    def __init__(self, n, dtype):
        random = np.random.default_rng(n + 2)
        self.dtype = dtype
        self.X = (random.standard_normal((self.rows, n)) * (random.random((self.rows, n)) < 4 / n)).astype(
            np.longdouble)
        self.X[np.arange(n) % self.rows, np.arange(n)] = 1  # no column is empty
        self.y = (self.X @ random.standard_normal(n) + random.standard_normal(self.rows) > 0).astype(np.longdouble)
        self.hessian = np.abs(self.X.T) @ np.abs(self.X) / (4 * self.rows)
        self.start = (0.1 * random.standard_normal(n)).astype(dtype)

    def wide_gradient(self, w):
        residual = 1 / (1 + np.exp(-(self.X @ w))) - self.y
        return residual @ self.X / self.rows

    def gradient(self, w, step):
        return self.wide_gradient(w.astype(np.longdouble)).astype(self.dtype)

    def exact_gradient(self, w, step):
        value = self.wide_gradient(w.value)
        # Of both evaluations in long double: sums of n and of `rows` terms, a few operations each.
        operations = 2 * (w.value.size + self.rows + 10) * np.finfo(np.longdouble).eps
        evaluation = operations * (np.abs(self.X).sum(axis=0) / self.rows + self.hessian @ np.abs(w.value))
        return w.rounded(value, self.hessian @ w.error + evaluation)


PROBLEMS = (RandomGradients, Quadratic, Logistic)


def exact_step(w, g, v, o, divide_first=False):
    """ag_adagrad_step's formula. o: Options. divide_first: w's change is eta (q / lambda), not (eta q) / lambda."""
    q = g * (-o.gradient_scale if o.maximize else o.gradient_scale) if o.gradient_scale != 1 else (
        -g if o.maximize else g)
    if o.weight_decay != 0:
        q = q + w * o.weight_decay
    v = v + q * q
    if o.epsilon_mode == OUTSIDE:
        root = v.sqrt() + o.epsilon
    else:
        root = (v + o.epsilon if o.epsilon_mode == INSIDE else v).sqrt()
    w = w - (q / root * o.learning_rate if divide_first else q * o.learning_rate / root)
    if o.l1 != 0:
        w = w.soft_threshold(w.constant(o.learning_rate) * o.l1 / root)
    if o.l2 != 0:
        w = w / (w.constant(o.learning_rate) * o.l2 / root + 1)
    return w, v
