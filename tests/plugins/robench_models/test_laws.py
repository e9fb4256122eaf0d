"""The laws of the Model contract, for every registered model."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest
import torch
import yaml

from tests.helpers.small_models import SMALL

RECIPES = Path(__file__).parents[3] / "benchmarks" / "recipes"
BUILT_IN = {
    point.name: point for point in entry_points(group="robench.models") if point.value.startswith("robench_models.")
}


@pytest.fixture(params=sorted(BUILT_IN))
def model(request):
    return BUILT_IN[request.param].load()


def small(model, num_classes=7, in_channels=3, image_size=32, seed=0):
    torch.manual_seed(seed)
    return model.build(num_classes, in_channels, image_size, **SMALL[model.name])


def test_it_is_called_what_it_is_registered_as(model):
    assert BUILT_IN[model.name].load() is model


def test_its_recipe_exists(model):
    assert "source" in yaml.safe_load((RECIPES / f"{model.recipe}.yaml").read_text())


@pytest.mark.parametrize(("in_channels", "image_size"), [(3, 32), (1, 32), (3, 44), (3, 64)])
def test_logits_have_shape_and_type(model, in_channels, image_size):
    network = small(model, in_channels=in_channels, image_size=image_size).eval()
    logits = network(torch.randn(2, in_channels, image_size, image_size))
    assert logits.shape == (2, 7)
    assert logits.dtype == torch.float32


def test_the_same_seed_gives_the_same_weights(model):
    first, second, other = (small(model, seed=seed).state_dict() for seed in (3, 3, 4))
    assert list(first) == list(second)
    assert all(torch.equal(first[name], second[name]) for name in first)
    assert any(not torch.equal(first[name], other[name]) for name in first)


@pytest.mark.parametrize("name", sorted(name for name, options in SMALL.items() if "width" in options))
def test_half_the_width_has_about_a_quarter_of_the_inner_weights(name):
    """What controls of equal size rely on: `width` scales every hidden layer."""
    model = BUILT_IN[name].load()
    sizes = [
        sum(weight.numel() for weight in model.build(2, 1, 32, width=width).parameters() if weight.ndim > 1)
        for width in (48, 96)
    ]
    assert 1.9 < sizes[1] / sizes[0] < 4


def test_an_image_is_judged_on_its_own(model):
    network = small(model).eval()
    images = torch.randn(5, 3, 32, 32)
    together = network(images)
    alone = torch.cat([network(image[None]) for image in images])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)
    assert together.std(0).max() > 0


def test_every_parameter_learns(model):
    network = small(model).train()
    loss = torch.nn.functional.cross_entropy(network(torch.randn(4, 3, 32, 32)), torch.arange(4))
    loss.backward()
    assert all(weight.grad is not None for weight in network.parameters() if weight.requires_grad)


def test_channels_last_changes_nothing_but_rounding(model):
    network = small(model).eval()
    images = torch.randn(2, 3, 32, 32)
    expected = network(images)
    network = network.to(memory_format=torch.channels_last)
    torch.testing.assert_close(
        network(images.contiguous(memory_format=torch.channels_last)), expected, rtol=1e-4, atol=1e-5
    )
