"""ImageNet-3DCC from a depth map: a lens with little depth of field, and fog that grows with distance.

Depth is used as a share of the largest depth of the image, so metres and relative depth give the same. Written from
a description, as `sensor`; what it leaves open, and where we differ, stands at each function.
"""

import numpy as np
from numpy.typing import NDArray

from robench.contracts import Corruption, Draws
from robench_corruptions.kernels.arrays import Bytes, Doubles, Singles
from robench_corruptions.kernels.gaussian import smooth
from robench_corruptions.kernels.pixels import to_bytes, to_unit
from robench_corruptions.threed.sensor import KAR

_LAYERS = 8
_NEAREST, _FARTHEST = 0, -1
_FARTHEST_IN_FOG = 1 / 4


def relative(depth: Singles) -> Doubles:
    """Return `depth` (N, H, W) divided by each image's largest value, in [0, 1]; where all is 0 it stays 0."""
    largest = depth.max(axis=(1, 2), keepdims=True).astype(np.float64)
    return depth / np.where(largest > 0, largest, 1)


def _layers(depth: Doubles) -> tuple[NDArray[np.bool_], Doubles]:
    """Cut one map (H, W) at its 8-quantiles: masks (L, H, W) from near to far, the mean depth (L,) of each."""
    edges = np.quantile(depth, np.arange(1, _LAYERS) / _LAYERS)
    number = np.searchsorted(edges, depth, side="right")
    masks = np.stack([number == layer for layer in np.unique(number)])
    return masks, np.array([depth[mask].mean() for mask in masks])


def _focused(unit: Doubles, depth: Doubles, aperture: float, layer_in_focus: int) -> Doubles:
    """Blur each layer of one image (H, W, 3) by its distance from the one in focus; lay them together, far to near.

    Each layer is blurred with its mask: no colour bleeds from the layers behind it, or from those before it.
    """
    masks, distances = _layers(depth)
    solid = np.dstack([unit, np.ones(depth.shape)])
    seen = np.zeros(solid.shape)
    for mask, distance in zip(masks[::-1], distances[::-1], strict=True):
        layer = solid * mask[..., None]
        sigma = aperture * abs(distance - distances[layer_in_focus])
        blurred = smooth(layer[None], sigma)[0] if sigma > 0 else layer
        seen = seen * (1 - blurred[..., 3:]) + blurred
    return seen[..., :3] / seen[..., 3:]


def _in_focus(images: Bytes, depth: Singles, aperture: float, layer: int) -> Bytes:
    pairs = zip(to_unit(images), relative(depth), strict=True)
    return to_bytes(np.stack([_focused(unit, each, aperture, layer) for unit, each in pairs]))


def _near_focus(images: Bytes, aperture: float, draws: Draws, depth: Singles) -> Bytes:
    """Keep the nearest eighth of the pixels sharp.

    The rest is blurred by a Gaussian of `aperture` pixels times the difference of relative depth; the description
    names the quantiles and apertures, not the rule from depth to blur, which is ours.
    """
    return _in_focus(images, depth, aperture, _NEAREST)


def _far_focus(images: Bytes, aperture: float, draws: Draws, depth: Singles) -> Bytes:
    """Keep the farthest eighth of the pixels sharp; the blur is that of `near_focus`."""
    return _in_focus(images, depth, aperture, _FARTHEST)


def _fog_3d(images: Bytes, density: float, draws: Draws, depth: Singles) -> Bytes:
    """Mix in the mean colour of the image where light is lost: a share exp(-density * depth) passes.

    The published code takes the mean colour of a whole batch, so its images depend on their neighbours; ours do not.
    The unit of its depth is not known to us: the farthest point counts as 1/4, and exp(-1) to exp(-5) passes there.
    """
    unit = to_unit(images)
    passing = np.exp(-density * _FARTHEST_IN_FOG * relative(depth))[..., None]
    return to_bytes(unit * passing + unit.mean(axis=(1, 2), keepdims=True) * (1 - passing))


near_focus = Corruption(
    name="near_focus",
    group="blur",
    function=_near_focus,
    presets={"imagenet": (3, 4, 5, 6, 7)},
    reference=KAR,
    maps=("depth",),
)

far_focus = Corruption(
    name="far_focus",
    group="blur",
    function=_far_focus,
    presets={"imagenet": (1.5, 2.5, 3.5, 4.5, 5.5)},
    reference=KAR,
    maps=("depth",),
)

fog_3d = Corruption(
    name="fog_3d",
    group="weather",
    function=_fog_3d,
    presets={"imagenet": (4, 8, 12, 16, 20)},
    reference=KAR,
    maps=("depth",),
)
