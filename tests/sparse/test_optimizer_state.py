"""What an optimiser holds of grown and inactive weights, against the state of a fresh weight, and who is refused."""

import inspect

import pytest
import torch
from torch import nn

import robench
from robench.errors import InputError
from robench.sparse.optimizer_state import STARTS_AT
from robench_methods.rigl import RigL
from robench_methods.set import SET
from robench_methods.static import Static

EVERY = {
    name: cls
    for name, cls in vars(torch.optim).items()
    if inspect.isclass(cls) and issubclass(cls, torch.optim.Optimizer) and cls is not torch.optim.Optimizer
} | {"Adagrad of 0.1": lambda parameters, **options: torch.optim.Adagrad(parameters, **options)}
NOT_MASKED = {"LBFGS": "needs a closure", "SparseAdam": "takes sparse gradients only"}
OPTIONS = {"Adagrad of 0.1": {"initial_accumulator_value": 0.1}, "RMSprop": {"momentum": 0.9, "centered": True}}
NAMES = sorted(EVERY.keys() - NOT_MASKED.keys())


def make(name, parameters):
    return EVERY[name](parameters, lr=0.01, **OPTIONS.get(name, {}))


def fresh(name):
    """The state of a weight at 0 that has only met a gradient of 0, as torch makes it; Adamax then adds its eps."""
    weight = nn.Parameter(torch.zeros(3, 4))
    optimizer = make(name, [weight])
    weight.grad = torch.zeros(3, 4)
    optimizer.step()
    state = {key: value for key, value in optimizer.state[weight].items() if value.shape == weight.shape}
    return {key: 0.0 if key == "exp_inf" else float(value.unique()) for key, value in state.items()}


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(24, 16, bias=False), nn.ReLU(), nn.Linear(16, 5, bias=False))


def step(model, optimizer, method, number):
    images = torch.randn(8, 24, generator=torch.Generator().manual_seed(number))
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(images), torch.arange(8) % 5).backward()
    if method.before_step(number):
        optimizer.step()
    method.after_step(number)


@pytest.mark.parametrize("cls", [RigL, SET])
@pytest.mark.parametrize("name", NAMES)
def test_a_grown_weight_has_the_state_of_a_fresh_one(name, cls):
    model, start = network(), fresh(name)
    optimizer = make(name, model.parameters())
    method = cls(sparsity=0.6, update_interval=3)
    method.start(model, optimizer, total_steps=40, seed=0)
    for number in range(10):
        before = {key: mask.clone() for key, mask in method.masks.items()}
        step(model, optimizer, method, number)
        for key, mask in method.masks.items():
            weight, new = model.get_parameter(key), ~mask | ~before[key]
            assert not weight[~mask].any()
            assert not weight[mask & ~before[key]].any()
            for kind, value in optimizer.state[weight].items():
                if value.shape == weight.shape:
                    assert (value[new] == torch.tensor(start[kind])).all(), (number, key, kind)
    assert method.updates == 3


def test_what_does_not_start_at_0_is_known():
    starts = {name: {key for key, value in fresh(name).items() if value} for name in NAMES}
    found = {name: keys for name, keys in starts.items() if keys}
    assert found == {"Adagrad of 0.1": {"sum"}, "Rprop": {"step_size"}}
    assert {key for known in STARTS_AT.values() for key in known} == {"sum", "step_size"}


def test_weights_grown_under_rprop_learn():
    model = network()
    optimizer = torch.optim.Rprop(model.parameters(), lr=0.01)
    method = RigL(sparsity=0.6, update_interval=3)
    method.start(model, optimizer, total_steps=40, seed=0)
    for number in range(3):
        step(model, optimizer, method, number)
    before = method.masks["0.weight"].clone()
    step(model, optimizer, method, 3)
    grown = method.masks["0.weight"] & ~before
    step(model, optimizer, method, 4)
    moved = model[0].weight[grown].abs()
    assert (moved[moved > 0] - 0.01).abs().max() < 1e-6


HALF = [torch.optim.Adam, torch.optim.AdamW, torch.optim.RMSprop, torch.optim.NAdam, torch.optim.Adagrad]


@pytest.mark.parametrize("cls", HALF)
def test_an_eps_that_half_precision_rounds_to_0_is_refused(cls):
    model = network().half()
    with pytest.raises(
        InputError, match=r"optimizer: eps 1e-\d+ is 0 in float16, the type of 0\.weight; give 6e-08 or"
    ):
        Static().start(model, cls(model.parameters()), total_steps=10, seed=0)
    weight = nn.Parameter(torch.zeros(3, dtype=torch.half))  # what is refused is what torch makes NaN
    weight.grad = torch.zeros(3, dtype=torch.half)
    optimizer = cls([weight])
    optimizer.step()
    assert weight.isnan().all()


@pytest.mark.parametrize(
    ("make", "dtype"),
    [
        (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), torch.half),
        (lambda p: torch.optim.AdamW(p, eps=1e-6), torch.half),
        (lambda p: torch.optim.AdamW(p, fused=True), torch.half),
        (lambda p: torch.optim.AdamW(p), torch.bfloat16),
        (lambda p: torch.optim.AdamW(p), torch.double),
    ],
)
def test_other_types_train_and_stay_finite(make, dtype):
    model = network().to(dtype)
    optimizer = make(model.parameters())
    method = SET(sparsity=0.6, update_interval=2)
    method.start(model, optimizer, total_steps=10, seed=0)
    for number in range(5):
        for weight in model.parameters():
            weight.grad = torch.full_like(weight, 0.5)
        method.before_step(number)
        optimizer.step()
        method.after_step(number)
    assert method.updates == 2
    for key, mask in method.masks.items():
        assert model.get_parameter(key).isfinite().all()
        assert not model.get_parameter(key)[~mask].any()


def test_what_the_optimiser_does_not_train_is_left_alone_and_named():
    model = network()
    before = model[0].weight.detach().clone()
    optimizer = torch.optim.SGD(model[2].parameters(), lr=0.1)
    method = RigL(sparsity=0.6, update_interval=3)
    with pytest.warns(UserWarning, match=r"it does not train 1 of 2 weights .* stay dense: 0\.weight$"):
        method.start(model, optimizer, total_steps=40, seed=0)
    assert list(method.masks) == ["2.weight"]
    for number in range(10):
        step(model, optimizer, method, number)
    assert torch.equal(model[0].weight, before)
    assert method.updates == 3


def test_two_optimisers_of_one_model_are_masked_each_in_its_part():
    model = network()
    hidden, head = torch.optim.Muon(model[0].parameters(), lr=0.01), torch.optim.AdamW(model[2].parameters())
    methods = [RigL(sparsity=0.6, update_interval=3), Static(sparsity=0.5)]
    for method, optimizer in zip(methods, (hidden, head), strict=True):
        with pytest.warns(UserWarning, match="does not train 1 of 2"):
            method.start(model, optimizer, total_steps=40, seed=0)
    assert [list(method.masks) for method in methods] == [["0.weight"], ["2.weight"]]
    for number in range(8):
        model.zero_grad()
        model(torch.randn(8, 24, generator=torch.Generator().manual_seed(number))).square().mean().backward()
        for method, optimizer in zip(methods, (hidden, head), strict=True):
            if method.before_step(number):
                optimizer.step()
            method.after_step(number)
        for method in methods:
            assert all(not model.get_parameter(name)[~mask].any() for name, mask in method.masks.items())


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (nn.Linear(4, 4, dtype=torch.complex64), "weight is complex; weights of real numbers can be masked"),
        (nn.Linear(4, 4, device="meta"), "weight is on the meta device, without values"),
        (nn.LazyLinear(4), "weight has no shape yet; run one forward pass"),
    ],
)
def test_weights_that_cannot_be_masked_are_refused_at_the_start(model, message):
    with pytest.raises(InputError, match=f"model: {message}"):
        RigL().start(model, torch.optim.SGD(model.parameters(), lr=0.1), total_steps=10, seed=0)


class Branch(nn.Module):
    """A network with a layer that its loss does not reach."""

    def __init__(self):
        super().__init__()
        self.trunk, self.head, self.aux = nn.Linear(24, 16), nn.Linear(16, 5), nn.Linear(16, 5)

    def forward(self, images):
        return self.head(torch.relu(self.trunk(images)))


@pytest.mark.parametrize("name", ["rigl", "mest", "granet", "snfs", "srigl", "set"])
def test_a_layer_without_gradient_counts_as_gradient_0_and_is_named_once(name, recwarn):
    with_none, with_zero = Branch(), Branch()
    with_zero.load_state_dict(with_none.state_dict())
    masks = []
    for model, fill in ((with_none, False), (with_zero, True)):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
        method = robench.method(name, sparsity=0.5, update_interval=2)
        method.start(model, optimizer, total_steps=20, seed=0)
        for number in range(10):
            images = torch.randn(8, 24, generator=torch.Generator().manual_seed(number))
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), torch.arange(8) % 5).backward()
            if fill:
                model.aux.weight.grad = torch.zeros_like(model.aux.weight)
                model.aux.bias.grad = torch.zeros_like(model.aux.bias)
            if method.before_step(number):
                optimizer.step()
            method.after_step(number)
        masks.append(method.masks)
    assert all(torch.equal(mask, masks[1][key]) for key, mask in masks[0].items())
    texts = [str(warning.message) for warning in recwarn]
    masked = len(masks[0])  # a uniform distribution leaves the first layer dense
    said = f"gradient: the loss does not reach 1 of {masked} masked weights, it counts as 0: aux.weight"
    assert texts == ([] if name == "set" else [said])
