"""CIFAR-100-C as published, and CIFAR-10-C-bar, which is generated."""

from robench.contracts import Download, File, Protocol, Published, Suite
from robench_datasets.suites import EXTRA, METHODS, REFERENCE, STANDARD

MINTUN = "Mintun, Kirillov and Xie 2021, arXiv:2102.11273"

# From torch-uncertainty's `cifar_c.py`; pytorch-ood has the same ones.
CIFAR100C_MD5 = {
    "gaussian_noise": "ecc4d366eac432bdf25c024086f5e97d",
    "shot_noise": "b0a1fa6e1e465a747c1b204b1914048a",
    "impulse_noise": "3b3c210ddfa0b5cb918ff4537a429fef",
    "defocus_blur": "d923e3d9c585a27f0956e2f2ad832564",
    "glass_blur": "0bf384f38e5ccbf8dd479d9059b913e1",
    "motion_blur": "732a7e2e54152ff97c742d4c388c5516",
    "zoom_blur": "0204613400c034a81c4830d5df81cb82",
    "snow": "0237be164583af146b7b144e73b43465",
    "frost": "3a39c6823bdfaa0bf8b12fe7004b8117",
    "fog": "4efc7ebd5e82b028bdbe13048e3ea564",
    "brightness": "f22d7195aecd6abb541e27fca230c171",
    "contrast": "322bb385f1d05154ee197ca16535f71e",
    "elastic_transform": "a0792bd6581f6810878be71acedfc65a",
    "pixelate": "96c00c60f144539e14cffb02ddbd0640",
    "jpeg_compression": "c851b7f1324e1d2ffddeb76920576d11",
    "speckle_noise": "e3f215b1a0f9fd9fd6f0d1cf94a7ce99",
    "gaussian_blur": "5204ba0d557839772ef5a4196a052c3e",
    "spatter": "12ccf41d62564d36e1f6a6ada5022728",
    "saturate": "c0697e9fdd646916a61e9c312c77bf6b",
}
CIFAR100C_FILES = {
    name: File(f"CIFAR-100-C/{name}.npy", f"md5:{md5}", 153600128) for name, md5 in CIFAR100C_MD5.items()
}
CIFAR100C_LABELS = File("CIFAR-100-C/labels.npy", "md5:bb4026e9ce52996b95f439544568cdb2")

cifar100c = Suite(
    name="cifar100c",
    dataset="cifar100",
    preset="cifar",
    standard=STANDARD,
    extra=EXTRA,
    protocol=Protocol(baseline="dense"),
    default_model="resnet34",
    default_methods=METHODS,
    reference=REFERENCE,
    published=Published(
        folder="CIFAR-100-C",
        files=CIFAR100C_FILES,
        labels=CIFAR100C_LABELS,
        download=Download(
            file=File("CIFAR-100-C.tar", "md5:11f0ed0f1191edbf9fa23466ae6021d3", 2918473216),
            mirrors=("https://zenodo.org/records/3555552/files/CIFAR-100-C.tar?download=1",),
            members=(CIFAR100C_LABELS, *CIFAR100C_FILES.values()),
        ),
    ),
)

cifar10c_bar = Suite(
    name="cifar10c-bar",
    dataset="cifar10",
    preset="cifar",
    standard=(
        "blue_noise_sample",
        "brownish_noise",
        "checkerboard_cutout",
        "circular_motion_blur",
        "inverse_sparkles",
        "lines",
        "pinch_and_twirl",
        "ripple",
        "sparkles",
        "transverse_chromatic_abberation",
    ),
    protocol=Protocol(baseline="dense"),
    default_model="resnet20",
    default_methods=METHODS,
    reference=MINTUN,
)
