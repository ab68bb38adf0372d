# SPDX-License-Identifier: BSD-3-Clause
"""anisograd.torch.Adagrad beside torch.optim.Adagrad."""

import copy
from pathlib import Path

import numpy as np
import pytest

import anisograd

torch = pytest.importorskip("torch")

from anisograd.torch import Adagrad  # noqa: E402

DATA = Path(__file__).resolve().parents[3] / "examples" / "data" / "breast_cancer.libsvm"


@pytest.fixture(autouse=True)
def seeded():
    torch.manual_seed(1)


def ulp(x):
    return torch.from_numpy(np.spacing(x.detach().abs().numpy()))


def expect_close(ours, theirs, before, gradients, lr=1e-2, weight_decay=0, **_):
    """What the class promises of one step. before: the parameters' values. With weight decay q = g + weight_decay w may
    have other roundings of its second term and of its sum, which v has 2 |q| times, and the quotient by lambda at most
    twice."""
    for (w, v), (w_theirs, v_theirs), old, g in zip(ours, theirs, before, gradients):
        q = (g + weight_decay * old).abs()
        slack = ulp(weight_decay * old) + ulp(q) if weight_decay else torch.zeros_like(old)
        assert ((v - v_theirs).abs() <= ulp(v_theirs) + 2 * q * slack + slack * slack).all()
        moved = 4 * ulp(w_theirs - old) + ulp(torch.maximum(w_theirs.abs(), old.abs()))
        root = v_theirs.sqrt().clamp(min=torch.finfo(v.dtype).tiny)
        assert ((w - w_theirs).abs() <= moved + 2 * lr * slack / root).all()


def pair(tensors, **options):
    """Two optimizers on parameters of equal values."""
    mine = [tensor.clone().requires_grad_() for tensor in tensors]
    theirs = [tensor.clone().requires_grad_() for tensor in tensors]
    return mine, Adagrad(mine, **options), theirs, torch.optim.Adagrad(theirs, **options)


def network(dtype=torch.float32):
    return torch.nn.Sequential(torch.nn.Linear(30, 32), torch.nn.Tanh(), torch.nn.Linear(32, 16), torch.nn.ReLU(),
                               torch.nn.Linear(16, 1)).to(dtype)


def data(dtype=torch.float32):
    rows = [line.split() for line in DATA.read_text().splitlines()]
    X = torch.tensor([[float(entry.split(":")[1]) for entry in row[1:]] for row in rows], dtype=dtype)
    y = torch.tensor([float(row[0]) > 0 for row in rows], dtype=dtype)
    return X, y


def losses_of(model, optimizer, X, y, steps):
    losses, generator = [], torch.Generator().manual_seed(2)
    for _ in range(steps):
        batch = torch.randint(len(y), (64,), generator=generator)
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(X[batch])[:, 0], y[batch])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("options", [{}, {"lr": 0.1, "lr_decay": 0.01, "weight_decay": 1e-2, "eps": 1e-5},
                                     {"initial_accumulator_value": 0.5, "maximize": True}])
def test_each_of_200_steps_of_a_network(dtype, options):
    """Both take each step from the same state, by the same gradients."""
    model, (X, y) = network(dtype), data(dtype)
    theirs = copy.deepcopy(model)
    optimizer, reference = Adagrad(model.parameters(), **options), torch.optim.Adagrad(theirs.parameters(), **options)
    generator = torch.Generator().manual_seed(2)
    for _ in range(200):
        batch = torch.randint(len(y), (64,), generator=generator)
        optimizer.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(X[batch])[:, 0], y[batch]).backward()
        for ours, other in zip(model.parameters(), theirs.parameters()):
            other.data.copy_(ours.data)
            other.grad = ours.grad.clone()
            reference.state[other]["sum"].copy_(optimizer.state[ours]["sum"])
        before = [parameter.detach().clone() for parameter in model.parameters()]
        optimizer.step()
        reference.step()
        expect_close([(p.detach(), optimizer.state[p]["sum"]) for p in model.parameters()],
                     [(p.detach(), reference.state[p]["sum"]) for p in theirs.parameters()], before,
                     [parameter.grad for parameter in model.parameters()], **options)


def test_a_network_trains_as_with_pytorch():
    """Roundings differ, so the runs drift apart; in double, over 200 steps, by far less than this."""
    (X, y), model = data(torch.float64), network(torch.float64)
    theirs = copy.deepcopy(model)
    ours = losses_of(model, Adagrad(model.parameters(), lr=0.05), X, y, 200)
    reference = losses_of(theirs, torch.optim.Adagrad(theirs.parameters(), lr=0.05), X, y, 200)
    assert ours[-1] < 0.2 * ours[0]
    np.testing.assert_allclose(ours, reference, rtol=1e-9, atol=1e-12)


def test_tensors_of_every_layout():
    base = torch.randn(4, 3, 5, 6)
    tensors = [base.clone(), base.contiguous(memory_format=torch.channels_last), torch.randn(7, 3).t(), torch.randn(()),
               torch.randn(0, 3), torch.randn(3, dtype=torch.complex64)]
    mine, optimizer, theirs, reference = pair(tensors, lr=0.3)
    # A parameter with gaps in memory, and gradients that lie otherwise than their parameters.
    for list_ in mine, theirs:
        list_.append(torch.randn(4, 8, generator=torch.Generator().manual_seed(3))[:, ::2].requires_grad_())
    optimizer.add_param_group({"params": mine[-1:]})
    optimizer.state[mine[-1]].update(step=torch.tensor(0.0), sum=torch.zeros_like(mine[-1]))
    reference.add_param_group({"params": theirs[-1:]})
    reference.state[theirs[-1]].update(step=torch.tensor(0.0), sum=torch.zeros_like(theirs[-1]))
    for _ in range(3):
        before = [parameter.detach().clone() for parameter in mine]
        for ours, other in zip(mine, theirs):
            ours.grad = torch.randn(ours.shape, dtype=ours.dtype)
            other.grad = ours.grad.clone()
        optimizer.step()
        reference.step()
        for ours, other, old in zip(mine, theirs, before):
            real = torch.view_as_real if ours.is_complex() else (lambda tensor: tensor)
            torch.testing.assert_close(real(ours), real(other), rtol=1e-6, atol=1e-6)
            assert ours.stride() == other.stride()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_parameters_of_16_bits(dtype):
    start, gradient = torch.randn(1000).to(dtype), torch.randn(1000).to(dtype)
    w = start.clone().requires_grad_()
    optimizer = Adagrad([w], lr=0.1)
    v, expected = torch.zeros(1000), start.float()
    for _ in range(3):
        w.grad = gradient
        optimizer.step()
        v += gradient.float() ** 2
        expected = (expected - 0.1 * gradient.float() / (v.sqrt() + 1e-10)).to(dtype).float()
    assert optimizer.state[w]["sum"].dtype == torch.float32
    # One place, where the f32 results round to different sides.
    torch.testing.assert_close(w.detach().float(), expected, rtol=torch.finfo(dtype).eps, atol=0)
    again = Adagrad([start.clone().requires_grad_()])
    again.load_state_dict(copy.deepcopy(optimizer.state_dict()))
    (state,) = again.state.values()
    assert torch.equal(state["sum"], optimizer.state[w]["sum"]) and state["sum"].dtype == torch.float32


def test_sparse_gradients():
    for shape, sparse_dimensions in [((10, 4), 1), ((10,), 1), ((4, 5, 3), 2)]:
        mine, optimizer, theirs, reference = pair([torch.randn(shape)], lr=0.2)
        for _ in range(5):
            count = 7
            indices = torch.stack([torch.randint(shape[d], (count,)) for d in range(sparse_dimensions)])
            gradient = torch.sparse_coo_tensor(indices, torch.randn(count, *shape[sparse_dimensions:]), shape)
            mine[0].grad, theirs[0].grad = gradient, gradient.clone()
            old = mine[0].detach().clone()
            optimizer.step()
            reference.step()
            torch.testing.assert_close(mine[0], theirs[0], rtol=1e-6, atol=1e-6)
            untouched = ~torch.zeros(shape).index_put(tuple(indices), torch.tensor(1.0)).bool()
            assert torch.equal(mine[0][untouched], old[untouched])
    embedding = torch.nn.Embedding(20, 8, sparse=True)
    optimizer = Adagrad(embedding.parameters(), lr=0.1)
    embedding(torch.tensor([1, 3, 3])).sum().backward()
    old = embedding.weight.detach().clone()
    optimizer.step()
    moved = (embedding.weight != old).any(dim=1).nonzero()[:, 0]
    assert moved.tolist() == [1, 3]


def test_constraints():
    w, free = torch.full((3, 4), 2.0).requires_grad_(), torch.zeros(2).requires_grad_()
    center = np.ones(12, np.float32)
    optimizer = Adagrad([{"params": [w], "constraint": anisograd.L2Ball(radius=1, center=center)}, {"params": [free]}],
                        lr=0.5)
    w.grad, free.grad = torch.randn(3, 4), torch.ones(2)
    expected, v = w.detach().clone().numpy().ravel(), np.zeros(12, np.float32)
    optimizer.step()
    anisograd.adagrad_step_projected(expected, w.grad.numpy().ravel(), v, anisograd.L2Ball(radius=1, center=center),
                                     learning_rate=0.5, epsilon_mode="outside")
    assert np.array_equal(w.detach().numpy().ravel(), expected)
    assert abs((w - 1).norm().item() - 1) < 1e-6 and free.tolist() == [-0.5, -0.5]
    # A transposed parameter is projected in its own order.
    bounds = anisograd.Box(lower=np.arange(6, dtype=np.float32), upper=np.inf)
    transposed = torch.zeros(3, 2).t().requires_grad_()
    optimizer = Adagrad([transposed], constraint=bounds)
    transposed.grad = torch.zeros(2, 3)
    optimizer.step()
    assert transposed.flatten().tolist() == [0, 1, 2, 3, 4, 5]


def test_state_dicts_are_exchanged_with_pytorch():
    mine, optimizer, theirs, reference = pair([torch.randn(5)], lr=0.1)
    for parameter in mine[0], theirs[0]:
        parameter.grad = torch.ones(5)
    reference.step()
    constrained = Adagrad(mine, constraint=anisograd.Nonnegative())
    constrained.load_state_dict(reference.state_dict())
    assert isinstance(constrained.param_groups[0]["constraint"], anisograd.Nonnegative)
    assert constrained.param_groups[0]["lr"] == 0.1
    optimizer.step()
    reference.load_state_dict(optimizer.state_dict())
    reference.step()
    assert float(reference.state[theirs[0]]["step"]) == 2
    assert isinstance(optimizer, torch.optim.Adagrad)
    restored = copy.deepcopy(optimizer)
    assert torch.equal(list(restored.state.values())[0]["sum"], optimizer.state[mine[0]]["sum"])


def test_a_closure_and_missing_gradients():
    w, unused = torch.tensor([1.0], requires_grad=True), torch.tensor([1.0], requires_grad=True)
    optimizer = Adagrad([w, unused], lr=1)

    def closure():
        optimizer.zero_grad()
        loss = (w * w).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 1
    assert w.item() == 0 and unused.item() == 1


def test_what_is_refused():
    w = torch.zeros(3, requires_grad=True)
    with pytest.raises(ValueError, match="learning rate"):
        Adagrad([w], lr=-1)
    w.grad = torch.sparse_coo_tensor(torch.tensor([[1]]), torch.ones(1), (3,))
    for options in {"weight_decay": 0.1}, {"constraint": anisograd.Nonnegative()}:
        with pytest.raises(RuntimeError, match="not compatible with sparse gradients"):
            Adagrad([w], **options).step()
    short = torch.zeros(3, dtype=torch.bfloat16, requires_grad=True)
    short.grad = torch.zeros(3, dtype=torch.bfloat16)
    with pytest.raises(TypeError, match="w: "):
        Adagrad([short], constraint=anisograd.Nonnegative()).step()
    meta = torch.zeros(3, device="meta", requires_grad=True)
    meta.grad = torch.zeros(3, device="meta")
    with pytest.raises(TypeError, match="on meta"):
        Adagrad([meta]).step()
