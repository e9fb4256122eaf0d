"""The regularised dense control."""

import copy

import pytest
import torch
from torch import nn

import robench
from robench.errors import InputError
from tests.helpers.own_loop import OPTIMIZERS, Run, network, same


def classifier_inputs(method, passes=1, training=True, features=4000):
    """What reaches the last layer of a network fed with ones."""
    seen = []
    layer = nn.Linear(features, 2)
    model = nn.Sequential(nn.Identity(), layer).train(training)
    method.start(model, torch.optim.SGD(model.parameters(), lr=0.1), total_steps=9, seed=5)
    layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    for _ in range(passes):
        model(torch.ones(1, features))
    return seen


def test_dropout_zeroes_its_share_and_rescales_the_rest():
    (seen,) = classifier_inputs(robench.method("dense", dropout=0.25))
    assert torch.equal(seen.unique(), torch.tensor([0, 4 / 3]))
    assert (seen == 0).float().mean().item() == pytest.approx(0.25, abs=4 * (0.25 * 0.75 / 4000) ** 0.5)


def test_every_pass_of_a_step_and_every_step_has_its_own_dropout():
    method = robench.method("dense", dropout=0.5)
    first, second = classifier_inputs(method, passes=2)
    assert not torch.equal(first, second)
    (again,) = classifier_inputs(method)
    assert torch.equal(first, again)
    method.after_step(0)
    model = nn.Sequential(nn.Linear(4000, 2))
    assert method.state_dict() == {"step": 1}
    fresh = robench.method("dense", dropout=0.5)
    fresh.start(model, torch.optim.SGD(model.parameters(), lr=1), total_steps=9, seed=5)
    fresh.load_state_dict(method.state_dict())
    assert torch.equal(fresh._drop(model[0], (torch.ones(3, 8),)), method._drop(model[0], (torch.ones(3, 8),)))


def test_dropout_rests_in_evaluation():
    (seen,) = classifier_inputs(robench.method("dense", dropout=0.9), training=False)
    assert torch.equal(seen, torch.ones_like(seen))


def test_dropout_renames_nothing_and_uses_no_global_randomness():
    model = network()
    names = list(model.state_dict())
    before = torch.get_rng_state()
    run = Run(robench.method("dense", dropout=0.5), model=model).advance(3)
    assert list(model.state_dict()) == names
    torch.manual_seed(0)
    run.advance(3)
    fresh = Run(robench.method("dense", dropout=0.5)).advance(6)
    assert same(run, fresh)
    torch.set_rng_state(before)
    Run(robench.method("dense", dropout=0.5), model=copy.deepcopy(model)).advance()
    assert torch.equal(before, torch.get_rng_state())


def test_dropout_resumes_bit_for_bit():
    whole = Run(robench.method("dense", dropout=0.3)).advance(12)
    half = Run(robench.method("dense", dropout=0.3)).advance(5)
    rest = Run(robench.method("dense", dropout=0.3))
    rest.model.load_state_dict(half.model.state_dict())
    rest.optimizer.load_state_dict(half.optimizer.state_dict())
    rest.method.load_state_dict(half.method.state_dict())
    rest.step = 5
    assert same(rest.advance(7), whole)


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")  # dynamo's own, which it hides
def test_dropout_works_in_a_compiled_network():
    plain, compiled = Run(robench.method("dense", dropout=0.5)), Run(robench.method("dense", dropout=0.5))
    images = torch.ones(2, 3, 8, 8)
    network_ = torch.compile(compiled.model, backend="eager")
    assert torch.equal(plain.model(images), network_(images))
    assert torch.equal(plain.model(images), network_(images))


def test_weight_decay_takes_the_place_of_the_recipes():
    ours = Run(robench.method("dense", weight_decay=0.03)).advance(5)
    theirs = Run(robench.method("dense"))
    theirs.optimizer.param_groups[0]["weight_decay"] = 0.03
    assert same(ours, theirs.advance(5))


def test_vectors_without_weight_decay_stay_without():
    model = network()
    matrices, vectors = ([p for p in model.parameters() if (p.ndim > 1) is more] for more in (True, False))
    optimizer = torch.optim.AdamW([{"params": matrices}, {"params": vectors, "weight_decay": 0.0}], lr=1e-3)
    robench.method("dense", weight_decay=0.2).start(model, optimizer, total_steps=1, seed=0)
    assert [group["weight_decay"] for group in optimizer.param_groups] == [0.2, 0.0]


def test_without_options_it_is_the_plain_loop():
    run = Run(robench.method("dense")).advance(4)
    model = network()
    optimizer = OPTIMIZERS["momentum"](model.parameters())
    plain = Run(robench.method("dense"), model=model)
    plain.optimizer, plain.method = optimizer, Passing()
    assert all(
        torch.equal(a, b) for a, b in zip(run.model.parameters(), plain.advance(4).model.parameters(), strict=True)
    )
    assert run.method.state_dict() == {}


class Passing:
    """No method at all."""

    def before_step(self, step):
        return True

    def after_step(self, step):
        pass


@pytest.mark.parametrize(
    ("options", "model", "optimizer", "message"),
    [
        ({"dropout": 0.1}, nn.Conv2d(1, 1, 1), torch.optim.SGD, "Conv2d has no Linear"),
        ({"weight_decay": 0.1}, nn.Linear(1, 1), torch.optim.Rprop, "Rprop has none"),
    ],
)
def test_what_cannot_be_done_is_said(options, model, optimizer, message):
    with pytest.raises(InputError, match=message):
        robench.method("dense", **options).start(model, optimizer(model.parameters(), lr=1), total_steps=1, seed=0)


@pytest.mark.parametrize("options", [{"dropout": 0.0}, {"dropout": 1.0}, {"weight_decay": -1}])
def test_values_out_of_range_are_refused(options):
    with pytest.raises(InputError, match="is not allowed"):
        robench.method("dense", **options)
