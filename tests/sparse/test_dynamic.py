"""The engine by the fields a method declares, against a naive update written with NumPy sorts."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch import nn

from robench.errors import InputError, PluginError
from robench.sparse.dynamic import DynamicSparse
from tests.helpers.own_loop import Run, network

OPTIONS = {"sparsity": 0.6, "update_interval": 3, "stop_fraction": 1.0}


@dataclass(kw_only=True, eq=False)
class ByGradient(DynamicSparse):
    """A method as a third party writes it."""

    @property
    def grow_uses_gradient(self) -> bool:
        return True

    def grow_scores(self, weight, grad, rng):
        return grad.abs()


class Regrows(ByGradient):
    dropped_may_regrow: ClassVar[bool] = True


class Keeps(Regrows):
    regrown_keeps: ClassVar[bool] = True


class Replaces(Keeps):
    update_replaces_step: ClassVar[bool] = True


def snapshot(run):
    return {
        name: [tensor.detach().clone().numpy().ravel() for tensor in (weight, weight.grad, *run.state(name))]
        for name, weight in run.weights().items()
    }


def naive(active, weight, grad, count, method):
    dropped = np.where(active, np.abs(weight), np.inf).argsort(kind="stable")[:count]
    kept = active.copy()
    kept[dropped] = False
    candidates = ~kept if method.dropped_may_regrow else ~active
    grown = np.where(candidates, np.abs(grad), -1).argsort(kind="stable")[::-1][:count]
    new = kept.copy()
    new[grown] = True
    return kept, new


@pytest.mark.parametrize("cls", [ByGradient, Regrows, Keeps, Replaces])
def test_update_against_a_naive_one(cls):
    run = Run(cls(**OPTIONS, drop_fraction=0.5), total=30).advance(3)
    old = {name: mask.clone().numpy().ravel() for name, mask in run.method.masks.items()}
    run.backward()
    gradient = {name: weight.grad.clone().numpy().ravel() for name, weight in run.weights().items()}
    stepped = run.method.before_step(run.step)
    assert stepped is not cls.update_replaces_step
    before = snapshot(run)
    if stepped:
        run.optimizer.step()
        before = snapshot(run)
    if cls.update_replaces_step:
        return check_replaced(run, old, gradient)
    run.method.after_step(run.step)
    after = snapshot(run)
    for name, active in old.items():
        count = int(active.sum() * run.method.fraction_at(3))
        kept, new = naive(active, before[name][0], gradient[name], count, run.method)
        assert np.array_equal(run.method.masks[name].numpy().ravel(), new)
        alive = active & new if run.method.regrown_keeps else kept
        for value in (0, 2):
            assert np.array_equal(after[name][value], np.where(alive, before[name][value], 0))
    return None


def check_replaced(run, old, gradient):
    reference = Run(Keeps(**OPTIONS, drop_fraction=0.5), total=30).advance(3)
    before = {name: [w.detach().clone(), *reference.state(name)] for name, w in reference.weights().items()}
    for name, active in old.items():
        count = int(active.sum() * run.method.fraction_at(3))
        weight = before[name][0].numpy().ravel()
        _, new = naive(active, weight, gradient[name], count, run.method)
        assert np.array_equal(run.method.masks[name].numpy().ravel(), new)
        now = [run.weights()[name].detach(), *run.state(name)]
        for was, value in zip(before[name], now, strict=True):
            assert np.array_equal(value.numpy().ravel(), np.where(active & new, was.numpy().ravel(), 0))


def test_just_dropped_weights_are_no_candidates_by_default():
    run = Run(DynamicSparse(**OPTIONS, drop_fraction=0.7)).advance(3)
    old = {name: mask.clone() for name, mask in run.method.masks.items()}
    run.advance()
    for name, mask in run.method.masks.items():
        dropped = min(int(old[name].sum() * run.method.fraction_at(3)), int((~old[name]).sum()))
        assert int((mask & ~old[name]).sum()) == int((old[name] & ~mask).sum()) == dropped


def test_all_zero_gradients_keep_the_count():
    run = Run(Replaces(**OPTIONS)).advance(3)
    before = run.counts()
    run.backward()
    for weight in run.weights().values():
        weight.grad.zero_()
    run.method.before_step(3)
    assert run.counts() == before
    assert run.method.updates == 1


def test_an_active_weight_at_zero_is_active():
    run = Run(Replaces(**OPTIONS)).advance(2)
    with torch.no_grad():
        for weight in run.weights().values():
            weight.zero_()
    before = run.counts()
    assert run.advance(2).counts() == before


@pytest.mark.parametrize("cls", [Keeps, Replaces])
@pytest.mark.parametrize("poison", ["weight", "gradient"])
def test_update_is_skipped_where_values_are_not_finite(cls, poison):
    run = Run(cls(**OPTIONS)).advance(3)
    masks = {name: mask.clone() for name, mask in run.method.masks.items()}
    run.backward()
    name, mask = next(iter(masks.items()))
    tensor = run.weights()[name] if poison == "weight" else run.weights()[name].grad
    with torch.no_grad():
        tensor.flatten()[mask.flatten().nonzero()[0]] = 1
        tensor[mask] = float("inf")
    assert run.method.before_step(3)
    run.method.after_step(3)
    assert run.method.updates == 0
    assert all(torch.equal(mask, masks[name]) for name, mask in run.method.masks.items())


@pytest.mark.parametrize("score", ["drop_scores", "grow_scores"])
def test_reading_an_undeclared_gradient_is_refused(score):
    cls = type("Sly", (DynamicSparse,), {score: lambda self, weight, grad, rng=None: grad.abs()})
    with pytest.raises(PluginError, match=r"Sly: scores of 0\.weight are NaN"):
        Run(cls(**OPTIONS)).advance(4)


def test_missing_gradients_are_named():
    run = Run(ByGradient(**OPTIONS))
    with pytest.raises(InputError, match=r"0\.weight has none; call before_step after backward"):
        run.method.before_step(3)


def test_gradients_survive_zero_grad_between_step_and_update():
    one, other = (Run(Keeps(**OPTIONS)).advance(3) for _ in range(2))
    for run in (one, other):
        run.backward()
        run.method.before_step(3)
        run.optimizer.step()
    other.optimizer.zero_grad()
    one.method.after_step(3)
    other.method.after_step(3)
    assert all(torch.equal(mask, other.method.masks[name]) for name, mask in one.method.masks.items())


def test_growth_ignores_the_scale_of_the_gradient():
    runs = [Run(Replaces(**OPTIONS)).advance(3) for _ in range(2)]
    for run, scale in zip(runs, (1.0, 1024.0), strict=True):
        run.backward()
        for weight in run.weights().values():
            weight.grad.mul_(scale)
        run.method.before_step(3)
    assert all(torch.equal(mask, runs[1].method.masks[name]) for name, mask in runs[0].method.masks.items())


def test_layers_of_density_one_are_left_alone():
    run = Run(DynamicSparse(sparsity=0.0, update_interval=1)).advance(5)
    assert all((weight != 0).all() for weight in run.weights().values())


def test_dense_gradient_is_asked_for_at_updates_only():
    run = Run(Replaces(**OPTIONS), total=10)
    assert [step for step in range(10) if run.method.dense_gradient(step)] == [3, 6]
    assert not any(Run(DynamicSparse(**OPTIONS)).method.dense_gradient(step) for step in range(10))


def test_number_of_threads_does_not_change_the_masks():
    threads, masks = torch.get_num_threads(), []
    for count in (1, 3):
        torch.set_num_threads(count)
        model = nn.Linear(300, 300)
        with torch.no_grad():
            model.weight.copy_(torch.arange(90_000).view(300, 300) % 7 - 3)
        model.weight.grad = (torch.arange(90_000).view(300, 300) % 5).float()
        method = Replaces(**OPTIONS)
        method.start(model, torch.optim.SGD(model.parameters()), total_steps=10, seed=0)
        method.before_step(3)
        masks.append(method.masks["weight"])
    torch.set_num_threads(threads)
    assert torch.equal(*masks)


def test_state_of_another_model_is_refused():
    state = Run(DynamicSparse()).method.state_dict()
    other = Run(DynamicSparse(), model=nn.Sequential(network(), nn.Linear(10, 10)))
    with pytest.raises(InputError, match=r"explored\.0\.0\.weight is missing"):
        other.method.load_state_dict(state)
