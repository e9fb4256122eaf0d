"""ImageNet-3DCC from a depth map: the blur of a camera that moves while the shutter is open.

The published images are means of the first frames of 60 that a learnt renderer made. Ours come from a renderer of
our own (`kernels.reprojection`), which warps by depth and fills gaps with the background; the path of the camera is
ours too.
"""

import math

import numpy as np

from robench.contracts import Corruption, Draws
from robench_corruptions.kernels.arrays import Bytes, Doubles, Singles
from robench_corruptions.kernels.pixels import to_bytes, to_unit
from robench_corruptions.kernels.reprojection import exposed
from robench_corruptions.threed.depth import relative
from robench_corruptions.threed.sensor import KAR

_FRAMES = 60
_SHIFT = 1 / 8
_ADVANCE = 1 / 2
_CLOSEST = 0.1
"""Share of the largest depth below which nothing counts as nearer, for a depth of 0 would move without end."""


def _moved(image: Doubles, depth: Doubles, direction: Doubles, frames: int) -> Doubles:
    """Expose one image, in [0, 1], for the first `frames` of 60 steps.

    All 60 steps along (across, down, ahead) of length 1 shift the nearest point by an eighth of the shorter side, or
    bring the camera half the way to it.
    """
    depth = np.maximum(depth, _CLOSEST)
    pixels = _SHIFT * min(depth.shape)
    reach = np.array([pixels, pixels, _ADVANCE]) * depth.min()
    path = np.arange(frames)[:, None] / _FRAMES * reach * direction
    margin = math.ceil(pixels) if direction[:2].any() else 0
    return exposed(image, depth, path, margin)


def _xy_motion_blur(images: Bytes, frames: int, draws: Draws, depth: Singles) -> Bytes:
    """Move the camera sideways, in a random direction for each image."""
    views = []
    for image, each, source in zip(to_unit(images), relative(depth), draws, strict=True):
        angle = source.uniform(0, 2 * np.pi)
        views.append(_moved(image, each, np.array([np.cos(angle), np.sin(angle), 0]), frames))
    return to_bytes(np.stack(views))


def _z_motion_blur(images: Bytes, frames: int, draws: Draws, depth: Singles) -> Bytes:
    """Move the camera ahead."""
    ahead = np.array([0.0, 0.0, 1.0])
    views = (_moved(image, each, ahead, frames) for image, each in zip(to_unit(images), relative(depth), strict=True))
    return to_bytes(np.stack(list(views)))


xy_motion_blur = Corruption(
    name="xy_motion_blur",
    group="blur",
    function=_xy_motion_blur,
    presets={"imagenet": (20, 30, 40, 50, 60)},
    reference=f"severities of {KAR}; renderer and path are robench's own",
    maps=("depth",),
)

z_motion_blur = Corruption(
    name="z_motion_blur",
    group="blur",
    function=_z_motion_blur,
    presets={"imagenet": (20, 25, 30, 35, 38)},
    reference=f"severities of {KAR}; renderer and path are robench's own",
    maps=("depth",),
)
