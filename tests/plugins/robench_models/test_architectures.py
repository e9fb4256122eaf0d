"""Architectures against torchvision, timm and published parameter counts."""

from itertools import pairwise

import pytest
import timm
import torch
import torchvision
from torch import nn

from robench.errors import InputError
from robench_models import cnn, mlp, resnet, timm_family, vgg, vit


def parameters(network):
    return sum(weight.numel() for weight in network.parameters())


def conv_and_linear_weights(network):
    return sum(module.weight.numel() for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear))


def test_resnet18_has_the_weights_of_the_literature_on_sparse_training():
    assert conv_and_linear_weights(resnet.build_resnet18(10, 3, 32)) == 11_164_352


def test_resnet20_has_the_layers_and_parameters_of_he_et_al():
    network = resnet.build_resnet20(10, 3, 32)
    layers = [module for module in network.modules() if isinstance(module, nn.Conv2d | nn.Linear)]
    stages = 6 * 16 * 16 + (16 * 32 + 5 * 32 * 32) + (32 * 64 + 5 * 64 * 64)
    norms = 2 * (7 * 16 + 6 * 32 + 6 * 64)
    assert len(layers) == 20
    assert parameters(network) == 9 * (3 * 16 + stages) + norms + 64 * 10 + 10 == 269_722


def test_padded_shortcut_keeps_every_second_pixel_and_adds_zeros():
    images = torch.randn(2, 3, 5, 5)
    result = resnet.PaddedShortcut(3, 6, 2)(images)
    assert torch.equal(result[:, :3], nn.functional.max_pool2d(images, kernel_size=1, stride=2))
    assert result.shape == (2, 6, 3, 3)
    assert not result[:, 3:].any()


@pytest.mark.parametrize("name", ["resnet18", "resnet34"])
def test_resnets_are_torchvisions_behind_the_stem(name):
    ours = getattr(resnet, f"build_{name}")(10, 3, 32).eval()
    theirs = getattr(torchvision.models, name)(num_classes=10).eval()
    theirs.conv1, theirs.maxpool = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.Identity()
    theirs.load_state_dict(ours.state_dict())
    images = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(ours(images), theirs(images))


def test_vgg16_is_torchvisions_before_the_head():
    ours = vgg.build(10, 3, 32).eval()
    theirs = torchvision.models.vgg16_bn(init_weights=False).features.eval()
    theirs.load_state_dict(ours[0].state_dict())
    images = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(ours[0](images), theirs(images))


def test_vgg16_counts_by_hand():
    channels = [3, 64, 64, 128, 128, 256, 256, 256, *[512] * 6]
    convolutions = sum(9 * before * after for before, after in pairwise(channels))
    biases_and_norms = 3 * sum(channels[1:])
    assert parameters(vgg.build(10, 3, 32)) == convolutions + biases_and_norms + 512 * 10 + 10 == 14_728_266


def test_vgg16_says_that_small_images_do_not_fit():
    with pytest.raises(InputError, match="image_size 31"):
        vgg.build(10, 3, 31)


def test_mlp_and_cnn_count_by_hand():
    assert parameters(mlp.build(10, 3, 32, width=20, depth=2)) == 3072 * 20 + 20 + 20 * 20 + 20 + 20 * 10 + 10
    assert parameters(cnn.build(10, 3, 32, width=16)) == (
        9 * (3 * 16 + 16 * 32 + 32 * 32 + 32 * 64) + 2 * (16 + 32 + 32 + 64) + 64 * 10 + 10
    )


def test_vit_tiny_is_timms_with_small_patches():
    torch.manual_seed(0)
    ours = vit.build(10, 3, 32)
    theirs = timm.create_model("vit_tiny_patch16_224", num_classes=10, img_size=32, patch_size=4)
    theirs.load_state_dict(ours.state_dict())
    images = torch.randn(2, 3, 32, 32)
    torch.testing.assert_close(ours.eval()(images), theirs.eval()(images))


def test_dropout_acts_in_training_only():
    network = vit.build(10, 3, 32, width=12, depth=1, dropout=0.5)
    images = torch.randn(1, 3, 32, 32)
    assert not torch.equal(network(images), network(images))
    network.eval()
    assert torch.equal(network(images), network(images))


@pytest.mark.parametrize(
    ("image_size", "options", "message"), [(33, {}, "image height 33"), (32, {"width": 64}, "width 64")]
)
def test_vit_tiny_says_what_does_not_fit(image_size, options, message):
    with pytest.raises(InputError, match=f"{message} is not a multiple of"):
        vit.build(10, 3, image_size, **options)


def test_timm_variants_are_timms():
    assert {"resnet50", "efficientnet_b0", "deit_base_patch16_224"} <= set(timm_family.variants())
    ours = timm_family.build(10, 3, 32, variant="test_resnet")
    theirs = timm.create_model("test_resnet", num_classes=10)
    theirs.load_state_dict(ours.state_dict())
    images = torch.randn(1, 3, 32, 32)
    assert torch.equal(ours.eval()(images), theirs.eval()(images))


@pytest.mark.parametrize("image_size", [32, 64])
def test_timm_variants_of_fixed_input_take_the_image_size(image_size):
    network = timm_family.build(10, 1, image_size, variant="test_vit").eval()
    assert network(torch.randn(1, 1, image_size, image_size)).shape == (1, 10)
    assert network.patch_embed.img_size == (image_size, image_size)


def test_an_unknown_variant_is_named_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'resnet50'"):
        timm_family.build(10, 3, 32, variant="resnet5O")
