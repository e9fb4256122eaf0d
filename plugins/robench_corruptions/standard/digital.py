"""Digital: contrast, colour, resolution, compression and warping."""

from typing import Any

import cv2
import numpy as np
from PIL import Image

from robench.contracts import Corruption, Draws
from robench.errors import PluginError
from robench_corruptions.kernels.arrays import Bytes
from robench_corruptions.kernels.box import box_resized
from robench_corruptions.kernels.elastic import displaced, random_affine, random_field
from robench_corruptions.kernels.hsv import shifted
from robench_corruptions.kernels.pixels import HENDRYCKS, flattened, to_bytes, to_unit32

Elastic = tuple[float, float, float]


def _contrast(images: Bytes, gain: float, draws: Draws) -> Bytes:
    """Pull every channel towards its mean over the image."""
    return flattened(images, gain)


def _saturate(images: Bytes, level: tuple[float, float], draws: Draws) -> Bytes:
    """Multiply the saturation (HSV) by level[0] and add level[1]."""
    gain, add = level
    return to_bytes(shifted(images, gain, add, 0.0))


def _pixelate(images: Bytes, scale: float, draws: Draws) -> Bytes:
    """Reduce to `scale` of the side lengths and enlarge again, both with a box filter."""
    height, width = images.shape[1:3]
    small = int(width * scale), int(height * scale)
    if height == width:
        return box_resized(box_resized(images, small[1], small[0]), height, width)
    box = Image.Resampling.BOX  # where sides differ, versions of Pillow differ in which way comes first
    return np.stack([np.asarray(Image.fromarray(i).resize(small, box).resize((width, height), box)) for i in images])


def _through_jpeg(image: Bytes, quality: int) -> Bytes:
    settings = [cv2.IMWRITE_JPEG_QUALITY, quality]
    written, content = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), settings)
    read = cv2.imdecode(content, cv2.IMREAD_COLOR_RGB) if written else None
    if read is None:
        raise PluginError("jpeg_compression: this OpenCV cannot write an image as JPEG and read it back")
    return np.asarray(read, np.uint8)


def _jpeg_compression(images: Bytes, quality: int, draws: Draws) -> Bytes:
    """Save as JPEG (4:2:0) and read back.

    Exact where OpenCV and Pillow carry the same libjpeg-turbo; other builds differ by a level here and there.
    """
    return np.stack([_through_jpeg(image, quality) for image in images])


def _elastic_transform(images: Bytes, level: Elastic, draws: Draws) -> Bytes:
    """Jitter three corners by up to level[2] pixels, then displace every pixel.

    The displacement is alpha = level[0] times noise U(-1, 1) smoothed by sigma = level[1] pixels. Levels are in pixels
    of the preset's own image size and do not grow with the image.
    """
    alpha, sigma, jitter = level
    shape = (2, *images.shape[1:3])
    warped, noise = to_unit32(images), np.empty((len(images), *shape))
    for n, source in enumerate(draws):
        warped[n] = random_affine(warped[n], jitter, source)
        noise[n] = source.uniform(-1, 1, shape)
    return displaced(warped, random_field(noise, alpha, sigma))


def _elastic_levels(side: int, *relative: Elastic) -> tuple[Any, ...]:
    return tuple((side * alpha, side * sigma, side * jitter) for alpha, sigma, jitter in relative)


contrast = Corruption(
    name="contrast",
    group="digital",
    function=_contrast,
    presets={
        "cifar": (0.75, 0.5, 0.4, 0.3, 0.15),
        "tiny": (0.4, 0.3, 0.2, 0.1, 0.05),
        "imagenet": (0.4, 0.3, 0.2, 0.1, 0.05),
    },
    reference=HENDRYCKS,
)

elastic_transform = Corruption(
    name="elastic_transform",
    group="digital",
    function=_elastic_transform,
    presets={
        "cifar": _elastic_levels(
            32, (0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03)
        ),
        "tiny": _elastic_levels(
            64, (0, 0, 0.08), (0.05, 0.3, 0.06), (0.1, 0.08, 0.06), (0.1, 0.03, 0.03), (0.16, 0.03, 0.02)
        ),
        # 244, not 224, is what the published script says.
        "imagenet": _elastic_levels(
            244, (2, 0.7, 0.1), (2, 0.08, 0.2), (0.05, 0.01, 0.02), (0.07, 0.01, 0.02), (0.12, 0.01, 0.02)
        ),
    },
    reference=HENDRYCKS,
)

pixelate = Corruption(
    name="pixelate",
    group="digital",
    function=_pixelate,
    presets={
        "cifar": (0.95, 0.9, 0.85, 0.75, 0.65),
        "tiny": (0.9, 0.8, 0.7, 0.6, 0.5),
        "imagenet": (0.6, 0.5, 0.4, 0.3, 0.25),
    },
    reference=HENDRYCKS,
)

jpeg_compression = Corruption(
    name="jpeg_compression",
    group="digital",
    function=_jpeg_compression,
    presets={
        "cifar": (80, 65, 58, 50, 40),
        "tiny": (65, 58, 50, 40, 25),
        "imagenet": (25, 18, 15, 10, 7),
    },
    reference=HENDRYCKS,
)

saturate = Corruption(
    name="saturate",
    group="extra",
    function=_saturate,
    presets={
        "cifar": ((0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2)),
        "tiny": ((0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (30, 0.2)),
        "imagenet": ((0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (20, 0.2)),
    },
    reference=HENDRYCKS,
)
