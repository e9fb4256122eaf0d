"""CPU seconds per image of the common corruptions or those of C-bar, against the published code.

    python benchmarks/speed/corruptions.py [--set c|bar] [--size 32|224] [--images N] [--severity S] [--data DIR]

Images are crops of the two photographs that scikit-learn ships. One thread; compilation is not counted; each
figure is the best of three. Without the photographs of frost its drawn variant is timed instead.
"""

import argparse
import time

import cv2
import numpy as np
from sklearn.datasets import load_sample_images

from robench import corrupt
from robench.errors import DataError

# Images per CPU second of the published formulas (hendrycks/robustness 8190fe3, typed anew for scikit-image 0.26) at
# severity 3 on a quiet 2-core x86 machine, one thread, the best of three runs: at 32 pixels, at 224 pixels (glass_blur
# there on a single image). motion_blur and snow, which need ImageMagick, are of an earlier run of the published code.
PUBLISHED = {
    "gaussian_noise": (9696, 167),
    "shot_noise": (4041, 71.6),
    "impulse_noise": (6895, 254),
    "defocus_blur": (3948, 181),
    "glass_blur": (94, 0.637),
    "motion_blur": (785, 14.5),
    "zoom_blur": (263, 12.7),
    "snow": (601, 25.4),
    "frost": (172, 170),
    "fog": (1690, 193),
    "brightness": (1847, 43),
    "contrast": (11987, 453),
    "elastic_transform": (1460, 62.8),
    "pixelate": (25491, 1882),
    "jpeg_compression": (6363, 2061),
    "speckle_noise": (8943, 257),
    "gaussian_blur": (6512, 346),
    "spatter": (3092, 250),
    "saturate": (1904, 42.7),
}
# The same for facebookresearch/augmentation-corruption ba4d5a5 (medians; 3 to 6 images at 224 pixels).
PUBLISHED_BAR_32 = {
    "blue_noise_sample": 327,
    "checkerboard_cutout": 454,
    "inverse_sparkles": 80,
    "pinch_and_twirl": 56,
    "ripple": 78,
    "brownish_noise": 109,
    "circular_motion_blur": 136,
    "lines": 2394,
    "sparkles": 15,
    "transverse_chromatic_abberation": 2831,
}
PUBLISHED_BAR_224 = {
    "caustic_refraction": 0.25,
    "inverse_sparkles": 1.7,
    "sparkles": 0.32,
    "perlin_noise": 0.74,
    "blue_noise_sample": 7.8,
    "plasma_noise": 0.87,
    "checkerboard_cutout": 10.5,
    "cocentric_sine_waves": 9.8,
    "single_frequency_greyscale": 36,
    "brownish_noise": 2.5,
}
SETS = {
    ("c", 32): {name: small for name, (small, _) in PUBLISHED.items()},
    ("c", 224): {name: large for name, (_, large) in PUBLISHED.items()},
    ("bar", 32): PUBLISHED_BAR_32,
    ("bar", 224): PUBLISHED_BAR_224,
}
PRESETS = {32: "cifar", 224: "imagenet"}
GOALS = {("c", 32): "goal 0.0020 s", ("c", 224): "goal 0.10 s", ("bar", 32): "no goal", ("bar", 224): "goal 0.4 s"}


def photographs(count: int, size: int) -> np.ndarray:
    random = np.random.default_rng(0)
    sources = load_sample_images().images
    if size == 32:
        sources = [cv2.resize(source, None, fx=0.2, fy=0.2, interpolation=cv2.INTER_AREA) for source in sources]
    crops = []
    for i in range(count):
        source = sources[i % 2]
        top, left = random.integers(0, source.shape[0] - size), random.integers(0, source.shape[1] - size)
        crops.append(source[top : top + size, left : left + size])
    return np.stack(crops)


def seconds(images: np.ndarray, name: str, severity: int, stream: str, data: str | None) -> float:
    preset = PRESETS[images.shape[1]]
    corrupt(images[:1], name, severity, preset, stream=stream, data=data)
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        corrupt(images, name, severity, preset, stream=stream, data=data)
        best = min(best, time.process_time() - start)
    return best / len(images)


def available(name: str, images: np.ndarray, data: str | None) -> str:
    try:
        corrupt(images[:1], name, 1, PRESETS[images.shape[1]], data=data)
    except DataError:
        return f"{name}_procedural"
    return name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--set", choices=("c", "bar"), default="c")
    parser.add_argument("--size", type=int, choices=PRESETS, default=32)
    parser.add_argument("--images", type=int)
    parser.add_argument("--severity", type=int, default=3)
    parser.add_argument("--data")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    images = photographs(options.images or (512 if options.size == 32 else 8), options.size)
    print(f"{len(images)} images of {options.size} px, severity {options.severity}, images per CPU second\n")
    print(f"{'corruption':<33}{'published':>10}{'counter':>10}{'ratio':>8}{'legacy':>10}{'ratio':>8}")
    rates = SETS[options.set, options.size]
    totals = np.zeros(3)
    for asked, published in rates.items():
        name = available(asked, images, options.data)
        counter, legacy = (seconds(images, name, options.severity, s, options.data) for s in ("counter", "legacy"))
        totals += 1 / published, counter, legacy
        row = f"{published:>10.4g}{1 / counter:>10.0f}{1 / counter / published:>8.1f}"
        print(f"{name:<33}{row}{1 / legacy:>10.0f}{1 / legacy / published:>8.1f}")
    was, counter, legacy = totals
    print(f"\nall {len(rates)}, CPU seconds per image: published {was:.4f}, counter {counter:.5f}, legacy {legacy:.5f}")
    print(f"ratio {was / counter:.1f} (counter), {was / legacy:.1f} (legacy); {GOALS[options.set, options.size]}")


if __name__ == "__main__":
    main()
