"""Corruption suites on Tiny-ImageNet and ImageNet: published as folders of JPEG files (quality 85)."""

from collections.abc import Mapping

from robench.contracts import Download, File, Protocol, PublishedFolders, Suite, Tree
from robench_suites.alexnet import IMAGENET_3DCC, IMAGENET_C
from robench_suites.cifar import MINTUN
from robench_suites.standard import EXTRA, METHODS, REFERENCE, STANDARD

KAR = "Kar, Yeo, Atanov and Zamir 2022, arXiv:2203.01441"

Archives = Mapping[str, tuple[int | None, str | None, tuple[str, ...]]]
"""Name of an archive -> its size in bytes, its md5 and the corruptions in it."""

IMAGENET_C_ARCHIVES: Archives = {
    "noise.tar": (22565673785, "e80562d7f6c3f8834afb1ecf27252745", ("gaussian_noise", "shot_noise", "impulse_noise")),
    "blur.tar": (
        7112704951,
        "2d8e81fdd8e07fef67b9334fa635e45c",
        ("defocus_blur", "glass_blur", "motion_blur", "zoom_blur"),
    ),
    "weather.tar": (12797438995, "33ffea4db4d93fe4a428c40a6ce0c25d", ("snow", "frost", "fog", "brightness")),
    "digital.tar": (
        7757510705,
        "89157860d7b10d5797849337ca2e5c03",
        ("contrast", "elastic_transform", "pixelate", "jpeg_compression"),
    ),
    "extra.tar": (15789490144, "d492dfba5fc162d8ec2c3cd8ee672984", EXTRA),
}
TINY_ARCHIVES: Archives = {
    "Tiny-ImageNet-C.tar": (1794775040, "f9c9a9dbdc11469f0b850190f7ad8be1", STANDARD),
    "Tiny-ImageNet-C-extra.tar": (None, "0db0588d243cf403ef93449ec52b70eb", EXTRA),
}
BAR = (
    "blue_noise_sample",
    "brownish_noise",
    "caustic_refraction",
    "checkerboard_cutout",
    "cocentric_sine_waves",
    "inverse_sparkles",
    "perlin_noise",
    "plasma_noise",
    "single_frequency_greyscale",
    "sparkles",
)
THREED = (
    "near_focus",
    "far_focus",
    "fog_3d",
    "flash",
    "color_quant",
    "low_light",
    "xy_motion_blur",
    "z_motion_blur",
    "iso_noise",
    "bit_error",
    "h265_abr",
    "h265_crf",
)


def downloads(folder: str, address: str, archives: Archives, files: int) -> tuple[Download, ...]:
    """Return the archives at `address` ({} stands for the name); a corruption has so many `files`."""
    return tuple(
        Download(
            file=File(f"{folder}/{name}", f"md5:{md5}" if md5 else None, size),
            mirrors=(address.format(name),),
            trees=tuple(Tree(f"{folder}/{one}", files, size // len(names) if size else None) for one in names),
        )
        for name, (size, md5, names) in archives.items()
    )


tiny_imagenet_c = Suite(
    name="tiny-imagenet-c",
    dataset="tiny-imagenet",
    preset="tiny",
    standard=STANDARD,
    extra=EXTRA,
    protocol=Protocol(baseline="dense"),
    default_model="resnet18",
    default_methods=METHODS,
    reference=f"{REFERENCE}; with the frost of Zenodo 8206060",
    published=PublishedFolders(
        folder="Tiny-ImageNet-C",
        downloads=downloads(
            "Tiny-ImageNet-C", "https://zenodo.org/records/8206060/files/{}?download=1", TINY_ARCHIVES, 50_000
        ),
        # Made from images of their own, of the same classes (hendrycks/robustness#39).
        paired=False,
        errata={
            "frost": "the first archive, Zenodo 2536630, has ImageNet's 1,000 classes here; "
            "Zenodo 8206060, which is what robench fetches, has the right ones"
        },
    ),
)

imagenet_c = Suite(
    name="imagenet-c",
    dataset="imagenet",
    preset="imagenet",
    standard=STANDARD,
    extra=EXTRA,
    protocol=Protocol(baseline="dense"),
    default_model="timm/resnet50",
    default_methods=METHODS,
    reference=REFERENCE,
    published=PublishedFolders(
        folder="ImageNet-C",
        downloads=downloads(
            "ImageNet-C", "https://zenodo.org/records/2235448/files/{}?download=1", IMAGENET_C_ARCHIVES, 250_000
        ),
    ),
    baseline_errors=IMAGENET_C,
)

imagenet_c_bar = Suite(
    name="imagenet-c-bar",
    dataset="imagenet",
    preset="imagenet",
    standard=BAR,
    protocol=Protocol(baseline="dense"),
    default_model="timm/resnet50",
    default_methods=METHODS,
    reference=MINTUN,
    published=PublishedFolders(
        folder="ImageNet-C-bar",
        downloads=downloads(
            "ImageNet-C-bar",
            "https://dl.fbaipublicfiles.com/inc_bar/{}",
            {"imagenet_c_bar.tar.gz": (None, None, BAR)},
            250_000,
        ),
    ),
)

imagenet_3dcc = Suite(
    name="imagenet-3dcc",
    dataset="imagenet",
    preset="imagenet",
    standard=THREED,
    protocol=Protocol(baseline="dense"),
    default_model="timm/resnet50",
    default_methods=METHODS,
    reference=f"{KAR}; the set is CC BY-NC 4.0",
    published=PublishedFolders(
        folder="ImageNet-3DCC",
        downloads=downloads(
            "ImageNet-3DCC",
            "https://datasets.epfl.ch/3dcc/imagenet_3dcc/{}",
            {f"{name}.tar.gz": (None, None, (name,)) for name in THREED},
            250_000,
        ),
    ),
    baseline_errors=IMAGENET_3DCC,
)
