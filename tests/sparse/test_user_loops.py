"""Sparse training in loops as users write them: schedulers, scalers, compilers, averages, closures."""

import inspect
from importlib.metadata import entry_points

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel

from robench.errors import InputError
from robench.sparse.rewiring import Rewiring
from robench_methods.dense import Dense
from robench_methods.rigl import RigL
from robench_methods.set import SET
from robench_methods.static import Static
from tests.helpers.own_loop import OPTIMIZERS, Run, batch, network, same

CLASSES = {e.name: e.load() for e in entry_points(group="robench.methods") if e.dist.name == "robench"}
REWIRING = sorted(name for name, cls in CLASSES.items() if issubclass(cls, Rewiring))
QUICK = {"update_interval": 3, "sparsity": 0.75}


def quick(name, **options):
    cls = CLASSES[name]
    return cls(
        **{key: value for key, value in {**QUICK, **options}.items() if key in inspect.signature(cls).parameters}
    )


def loss_of(model, step):
    images, labels = batch(step)
    return nn.functional.cross_entropy(model(images), labels)


@pytest.mark.parametrize("early", [True, False])
def test_a_scheduler_may_be_made_before_or_after_the_start(early):
    def make(run):
        return torch.optim.lr_scheduler.StepLR(run.optimizer, 4, gamma=0.5)

    rate = 0.05
    run, reference = Run(RigL(**QUICK)), Run(RigL(**QUICK))
    if early:
        model, method = network(), RigL(**QUICK)
        optimizer = OPTIMIZERS["momentum"](model.parameters())
        scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 4, gamma=0.5)
        method.start(model, optimizer, total_steps=40, seed=0)
        run.model, run.optimizer, run.method = model, optimizer, method
    else:
        scheduler = make(run)
    for step in range(12):
        run.advance()
        scheduler.step()
        reference.optimizer.param_groups[0]["lr"] = rate * 0.5 ** (step // 4)
        reference.advance()
    assert all(torch.equal(p, q) for p, q in zip(run.model.parameters(), reference.model.parameters(), strict=True))
    assert run.inactive_is_zero()


def test_an_optimiser_that_needs_a_closure_is_refused_at_the_start():
    model = network()
    with pytest.raises(InputError, match="optimizer: LBFGS needs a closure"):
        RigL().start(model, torch.optim.LBFGS(model.parameters()), total_steps=10, seed=0)


@pytest.mark.parametrize("name", ["static", *REWIRING])
def test_a_step_before_the_start_is_refused(name):
    with pytest.raises(InputError, match=r"start\(\) has not been called"):
        quick(name).before_step(0)


def test_an_optimiser_of_another_model_is_refused():
    other = torch.optim.SGD(network().parameters(), lr=0.1)
    with pytest.raises(InputError, match="optimizer: it holds no weight that can be masked"):
        RigL().start(network(), other, total_steps=10, seed=0)


@pytest.mark.parametrize("total", [0, -1])
def test_a_run_has_a_step(total):
    model = network()
    with pytest.raises(InputError, match=f"total_steps: {total} is not allowed"):
        RigL().start(model, torch.optim.SGD(model.parameters(), lr=0.1), total_steps=total, seed=0)


class WithoutClosure(torch.optim.SGD):
    def step(self):
        return super().step()


class WithAnything(torch.optim.SGD):
    def step(self, *args, **kwargs):
        return super().step(*args, **kwargs)


@pytest.mark.parametrize("cls", [WithoutClosure, WithAnything])
def test_an_optimiser_whose_step_names_no_closure_is_taken(cls):
    run, reference = Run(RigL(**QUICK), optimizer="sgd"), Run(RigL(**QUICK), optimizer="sgd").advance(7)
    run.optimizer = cls(run.model.parameters(), lr=0.05)
    run.method.start(run.model, run.optimizer, total_steps=40, seed=0)
    run.advance(7)
    assert run.inactive_is_zero()
    assert all(torch.equal(mask, reference.method.masks[name]) for name, mask in run.method.masks.items())


@pytest.mark.parametrize("by_name", [True, False])
def test_a_closure_is_refused_at_the_step(by_name):
    run = Run(Static())
    run.backward()
    run.method.before_step(0)
    with pytest.raises(InputError, match=r"optimizer: step\(\) was given a closure"):
        run.optimizer.step(**{"closure": lambda: 0.0}) if by_name else run.optimizer.step(lambda: 0.0)


def test_a_compiled_model_trains_as_the_plain_one():
    plain, run = Run(RigL(**QUICK)).advance(8), Run(RigL(**QUICK))
    compiled = torch.compile(run.model, backend="aot_eager")
    for step in range(8):
        run.optimizer.zero_grad()
        loss_of(compiled, step).backward()
        if run.method.before_step(step):
            run.optimizer.step()
        run.method.after_step(step)
    assert run.inactive_is_zero()
    assert run.method.updates == plain.method.updates == 2
    assert all(torch.equal(mask, plain.method.masks[name]) for name, mask in run.method.masks.items())


@pytest.mark.parametrize("flag", ["foreach", "fused"])
@pytest.mark.parametrize("cls", [torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW])
@pytest.mark.parametrize("method", [RigL, SET])
def test_rewiring_under_every_implementation_of_an_optimiser(method, cls, flag):
    momentum = {"momentum": 0.9} if cls is torch.optim.SGD else {}
    run = Run(method(**QUICK))
    run.optimizer = cls(run.model.parameters(), lr=0.01, weight_decay=0.1, **momentum, **{flag: True})
    run.method.start(run.model, run.optimizer, total_steps=40, seed=0)
    before = run.counts()
    for _ in range(10):
        assert run.advance().counts() == before
        assert run.inactive_is_zero()
    assert run.method.updates == 3


@pytest.mark.parametrize("wrap", [nn.DataParallel, lambda model: torch.compile(model, backend="aot_eager")])
@pytest.mark.parametrize("method", [RigL, Static])
def test_state_of_a_wrapped_model_names_the_difference(method, wrap):
    wrapped, plain = method(), method()
    for one, model in ((wrapped, wrap(network())), (plain, network())):
        one.start(model, torch.optim.SGD(model.parameters(), lr=0.1), total_steps=10, seed=0)
    for one, other in ((wrapped, plain), (plain, wrapped)):
        with pytest.raises(InputError, match=r"state: it names \S*0\.weight what is \S*0\.weight here; start\(\) with"):
            one.load_state_dict(other.state_dict())
    wrapped.load_state_dict(wrapped.state_dict())


def test_gradients_are_clipped_after_they_are_masked():
    run = Run(RigL(**QUICK), optimizer="sgd")
    run.backward()
    full = float(nn.utils.get_total_norm([p.grad for p in run.model.parameters()]))
    assert run.method.before_step(0)
    stepped = float(nn.utils.clip_grad_norm_(run.model.parameters(), full / 4))
    assert stepped < 0.95 * full  # before it, the norm counts what the step does not see
    left = nn.utils.get_total_norm([p.grad for p in run.model.parameters()])
    assert float(left) == pytest.approx(full / 4, rel=1e-4)
    run.optimizer.step()
    assert run.inactive_is_zero()


def sharpness_aware_step(run, radius=0.5):
    """Two passes, as in the docstring of Masked; return whether the perturbed network was sparse."""
    run.backward()
    with torch.no_grad():
        for name, mask in run.method.masks.items():
            run.model.get_parameter(name).grad.mul_(mask)
    moves = {parameter: radius * parameter.grad for parameter in run.model.parameters()}
    with torch.no_grad():
        for parameter, move in moves.items():
            parameter.add_(move)
    sparse = all(not run.weights()[name][~mask].any() for name, mask in run.method.masks.items())
    run.backward()
    with torch.no_grad():
        for parameter, move in moves.items():
            parameter.sub_(move)
    if run.method.before_step(run.step):
        run.optimizer.step()
    run.method.after_step(run.step)
    run.step += 1
    return sparse


def test_sharpness_aware_minimisation_in_two_passes():
    run = Run(RigL(**QUICK), optimizer="sgd")
    assert all(sharpness_aware_step(run) and run.inactive_is_zero() for _ in range(8))
    assert run.method.updates == 2


def scaled_step(run, scaler, poison):
    run.optimizer.zero_grad()
    scaler.scale(loss_of(run.model, run.step)).backward()
    if poison:
        run.model[3].weight.grad[0, 0] = float("inf")
    scaler.unscale_(run.optimizer)
    if run.method.before_step(run.step):
        scaler.step(run.optimizer)
    run.method.after_step(run.step)
    scaler.update()
    run.step += 1


@pytest.mark.parametrize("method", [RigL, SET])
@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step.*")
def test_a_gradient_scaler_and_a_step_that_overflows(method):
    run, scaler = Run(method(**QUICK, drop_fraction=0.5)), torch.amp.GradScaler("cpu", init_scale=1024.0)
    for step in range(3):
        scaled_step(run, scaler, poison=step == 1)
    assert scaler.get_scale() == 512.0
    assert all(tensor.isfinite().all() for tensor in run.model.state_dict().values())
    weights = {name: weight.detach().clone() for name, weight in run.weights().items()}
    masks = {name: mask.clone() for name, mask in run.method.masks.items()}
    scaled_step(run, scaler, poison=True)
    if method is RigL:
        assert run.method.updates == 0
        assert all(torch.equal(mask, masks[name]) for name, mask in run.method.masks.items())
        assert all(torch.equal(weight, weights[name]) for name, weight in run.weights().items())
    for _ in range(6):
        scaled_step(run, scaler, poison=False)
    assert run.inactive_is_zero()
    assert all(mask.sum() == masks[name].sum() for name, mask in run.method.masks.items())


def plain_network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(192, 24), nn.Tanh(), nn.Linear(24, 10)).double()


def test_gradient_accumulation_is_one_step_of_the_whole_batch():
    runs = [Run(RigL(**QUICK), model=plain_network()) for _ in range(2)]
    for step in range(8):
        for run, pieces in zip(runs, (1, 2), strict=True):
            images, labels = batch(step)
            run.optimizer.zero_grad()
            for x, y in zip(images.double().chunk(pieces), labels.chunk(pieces), strict=True):
                (nn.functional.cross_entropy(run.model(x), y) / pieces).backward()
            if run.method.before_step(step):
                run.optimizer.step()
            run.method.after_step(step)
    whole, parts = runs
    assert whole.method.updates == parts.method.updates == 2
    assert all(torch.equal(mask, parts.method.masks[name]) for name, mask in whole.method.masks.items())


def test_an_average_of_weights_is_zero_where_masks_rest():
    run = Run(RigL(**QUICK, stop_fraction=0.2))
    run.advance(10)
    average = AveragedModel(run.model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9))
    for _ in range(10):
        run.advance()
        average.update_parameters(run.model)
    assert all(not average.module.get_parameter(name)[~mask].any() for name, mask in run.method.masks.items())


def test_an_average_across_an_update_is_multiplied_by_the_masks():
    run = Run(SET(**QUICK))
    average = AveragedModel(run.model, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(0.9))
    for _ in range(8):
        run.advance()
        average.update_parameters(run.model)
    rests = {name: average.module.get_parameter(name)[~mask] for name, mask in run.method.masks.items()}
    assert any(rest.any() for rest in rests.values())
    with torch.no_grad():
        for name, mask in run.method.masks.items():
            average.module.get_parameter(name).mul_(mask)
    assert all(torch.isfinite(p).all() for p in average.parameters())


@pytest.mark.parametrize("name", REWIRING)
def test_hooks_of_the_user_stay_and_fire(name):
    run, calls = Run(quick(name)), []
    weight = run.model.get_parameter("3.weight")
    weight.register_hook(lambda grad: calls.append("before"))
    weight.register_post_accumulate_grad_hook(lambda parameter: calls.append("after"))
    run.advance(8)
    assert calls == ["before", "after"] * 8


@pytest.mark.parametrize("name", sorted(n for n in REWIRING if n != "nm-rigl"))
@pytest.mark.parametrize("optimizer", ["nesterov", "adamw"])
def test_sparsity_zero_is_dense_training_bit_for_bit(name, optimizer):
    sparse, dense = Run(quick(name, sparsity=0.0), optimizer=optimizer), Run(Dense(), optimizer=optimizer)
    for _ in range(14):
        assert sparse.advance().loss.item() == dense.advance().loss.item()
    assert all(torch.equal(p, q) for p, q in zip(sparse.model.parameters(), dense.model.parameters(), strict=True))
    assert sparse.method.updates == 0


def train_on_given_gradients(name, threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    model = nn.Sequential(nn.Linear(160, 240), nn.Linear(240, 40))
    rng = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.randn(weight.shape, generator=rng).mul(8).round().div(16))
    run = Run(quick(name, stop_fraction=1.0), model=model, total=20)
    for step in range(12):
        for weight in model.parameters():
            weight.grad = torch.randn(weight.shape, generator=rng).mul(4).round().div(8)
        if run.method.before_step(step):
            run.optimizer.step()
        run.method.after_step(step)
    torch.set_num_threads(before)
    return run


@pytest.mark.parametrize("name", REWIRING)
def test_the_number_of_threads_changes_nothing(name):
    one, three = (train_on_given_gradients(name, threads) for threads in (1, 3))
    assert one.method.updates > 0
    assert same(one, three)
