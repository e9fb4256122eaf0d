"""What each method declares, and what tells it apart."""

import pytest
import torch

from robench.sparse.flops import TrainingCost, count_layers
from robench_methods.dense import Dense
from robench_methods.mest import MEST
from robench_methods.rigl import RigL
from robench_methods.set import SET
from robench_methods.static import Static
from tests.helpers.own_loop import Run

# From the papers and their code: dropped may regrow, regrown keeps, update replaces step.
DECLARED = [
    (SET(), (True, False, False)),
    (SET(drop="magnitude"), (True, True, False)),
    (RigL(), (True, True, True)),
    (MEST(), (True, False, False)),
]


@pytest.mark.parametrize(("method", "declared"), DECLARED)
def test_declared_fields(method, declared):
    assert (method.dropped_may_regrow, method.regrown_keeps, method.update_replaces_step) == declared


@pytest.mark.parametrize(
    ("cls", "role"), [(Dense, "dense"), (Static, "static"), (SET, "dynamic"), (RigL, "dynamic"), (MEST, "dynamic")]
)
def test_what_a_method_is_compared_as(cls, role):
    assert cls.role == role


def test_rigl_defaults_are_the_papers():
    method = RigL()
    assert (method.distribution, method.drop_fraction, method.update_interval) == ("erk", 0.3, 100)
    assert method.stop_fraction == 0.75


def test_rigl_takes_the_place_of_the_step():
    run = Run(RigL(update_interval=3)).advance(3)
    run.backward()
    assert run.method.before_step(3) is False
    run.method.after_step(3)
    assert run.method.updates == 1


def test_set_grows_at_zero_after_the_step():
    run = Run(SET(update_interval=3, sparsity=0.6)).advance(3)
    old = {name: mask.clone() for name, mask in run.method.masks.items()}
    run.advance()
    for name, mask in run.method.masks.items():
        grown = mask & ~old[name]
        assert grown.any() or mask.all()
        assert not run.weights()[name][grown].any()
        assert not any(state[grown].any() for state in run.state(name))


def test_mest_importance_reads_the_gradient():
    method = MEST(gradient_weight=0.5)
    weight, grad = torch.tensor([1.0, -2.0]), torch.tensor([-4.0, 0.0])
    assert torch.equal(method.drop_scores(weight, grad), torch.tensor([3.0, 2.0]))
    runs = [Run(MEST(update_interval=3, sparsity=0.6, gradient_weight=value)).advance(4) for value in (0.0, 100.0)]
    assert any(not torch.equal(mask, runs[1].method.masks[name]) for name, mask in runs[0].method.masks.items())


def test_mest_drop_fraction_halves_before_it_rests():
    run = Run(MEST(drop_fraction=0.2), total=160)
    assert [run.method.fraction_at(step) for step in (0, 89, 90, 119)] == [0.2, 0.2, 0.1, 0.1]
    assert not run.method.updates_at(120)


@pytest.mark.parametrize(
    ("method", "dense_steps"),
    [
        (RigL(update_interval=5), 5),
        (SET(update_interval=5), 0),
        (MEST(update_interval=5), 0),
        (MEST(update_interval=5, growth="gradient"), 5),
    ],
)
def test_training_cost_counts_dense_gradients(method, dense_steps):
    run = Run(method, total=40)
    layers = count_layers(run.model, (3, 8, 8))
    cost = TrainingCost(layers)
    for step in range(40):
        cost.add(method, step, samples=4)
        run.advance()
    full = sum(layer.flops for layer in layers.values())
    densities = {name: mask.float().mean().item() for name, mask in method.masks.items()}
    forward = sum(2 * products * densities[name] - outputs for name, (products, outputs, _) in layers.items())
    expected = 4 * (3 * forward * (40 - dense_steps) + (2 * forward + full) * dense_steps)
    assert cost.total == pytest.approx(expected, rel=1e-6)


def test_set_drops_each_sign_apart():
    run = Run(SET(update_interval=3, sparsity=0.6, drop="sign", drop_fraction=0.5), total=30).advance(3)
    old = {name: mask.clone() for name, mask in run.method.masks.items()}
    run.backward()
    run.method.before_step(3)
    run.optimizer.step()
    weights = {name: weight.detach().clone() for name, weight in run.weights().items()}
    run.method.after_step(3)
    for name, mask in run.method.masks.items():
        weight, active = weights[name], old[name]
        gone = active & ((weight != 0) & (run.weights()[name] == 0))
        for side in (active & (weight < 0), active & (weight >= 0)):
            count = int(int(side.sum()) * run.method.fraction_at(3))
            order = weight[side].abs().sort().values
            assert torch.equal(weight[side & gone].abs().sort().values, order[:count])
        assert mask.sum() == active.sum()


def test_mest_soft_bound_holds_more_and_ends_at_the_target():
    options = {"sparsity": 0.8, "update_interval": 5, "distribution": "er"}
    run = Run(MEST(**options, soft_bound=0.5), total=41)
    final = Run(MEST(**options), total=41).counts()
    assert run.method.landing_step == 31
    for step in range(41):
        share = 0.5 if step < 25 else 0.25 if step < 31 else 0.0
        run.advance()
        sizes = {name: mask.numel() for name, mask in run.method.masks.items()}
        expected = {name: min(sizes[name], count + int(count * share)) for name, count in final.items()}
        assert run.counts() == expected
        assert run.method.active_at(step) == sum(expected.values())
        assert run.inactive_is_zero()


@pytest.mark.parametrize("total", [1, 2, 3, 7])
def test_mest_soft_bound_ends_in_a_short_run_too(total):
    options = {"sparsity": 0.8, "update_interval": 2, "stop_fraction": 1.0}
    run = Run(MEST(**options, soft_bound=0.5), total=total).advance(total)
    assert run.counts() == Run(MEST(**options), total=total).counts()


def test_a_skipped_landing_is_made_up_for():
    run = Run(MEST(sparsity=0.8, update_interval=5, soft_bound=0.5), total=40).advance(30)
    run.backward()
    run.model[0].weight.grad[0, 0, 0, 0] = float("inf")
    run.method.before_step(30)
    run.method.after_step(30)
    run.step += 1
    assert sum(run.counts().values()) > run.method.active_at(30)
    assert "overdue" in run.method.state_dict()
    run.advance()
    assert sum(run.counts().values()) == run.method.active_at(31)
    assert "overdue" not in run.method.state_dict()
