"""Corruption suites on small images: the 15 standard corruptions and 4 extra ones at the 32-pixel levels."""

from robench.contracts import Download, File, Protocol, Published, Suite

STANDARD = (
    "gaussian_noise",
    "shot_noise",
    "impulse_noise",
    "defocus_blur",
    "glass_blur",
    "motion_blur",
    "zoom_blur",
    "snow",
    "frost",
    "fog",
    "brightness",
    "contrast",
    "elastic_transform",
    "pixelate",
    "jpeg_compression",
)
EXTRA = ("speckle_noise", "gaussian_blur", "spatter", "saturate")
METHODS = ("dense", "static", "set", "rigl", "mest")
REFERENCE = "Hendrycks and Dietterich 2019, arXiv:1903.12261"

# The md5s of the single files stand in torch-uncertainty's `cifar_c.py`.
CIFAR10C_MD5 = {
    "gaussian_noise": "ecaf8b9a2399ffeda7680934c33405fd",
    "shot_noise": "3a7239bb118894f013d9bf1984be7f11",
    "impulse_noise": "2090e01c83519ec51427e65116af6b1a",
    "defocus_blur": "7d1322666342a0702b1957e92f6254bc",
    "glass_blur": "7361fb4019269e02dbf6925f083e8629",
    "motion_blur": "fffa5f852ff7ad299cfe8a7643f090f4",
    "zoom_blur": "6ea8e63f1c5cdee1517533840641641b",
    "snow": "bb238de8555123da9c282dea23bd6e55",
    "frost": "31f6ab3bce1d9934abfb0cc13656f141",
    "fog": "7b397314b5670f825465fbcd1f6e9ccd",
    "brightness": "0a81ef75e0b523c3383219c330a85d48",
    "contrast": "3c8262171c51307f916c30a3308235a8",
    "elastic_transform": "9421657c6cd452429cf6ce96cc412b5f",
    "pixelate": "0f14f7e2db14288304e1de10df16832f",
    "jpeg_compression": "2b9cc4c864e0193bb64db8d7728f8187",
    "speckle_noise": "ef00b87611792b00df09c0b0237a1e30",
    "gaussian_blur": "c33370155bc9b055fb4a89113d3c559d",
    "spatter": "8a5a3903a7f8f65b59501a6093b4311e",
    "saturate": "1cfae0964219c5102abbb883e538cc56",
}
CIFAR10C_FILES = {name: File(f"CIFAR-10-C/{name}.npy", f"md5:{md5}", 153600128) for name, md5 in CIFAR10C_MD5.items()}
CIFAR10C_LABELS = File("CIFAR-10-C/labels.npy", "md5:c439b113295ed5254878798ffe28fd54", 50128)

cifar10c = Suite(
    name="cifar10c",
    dataset="cifar10",
    preset="cifar",
    standard=STANDARD,
    extra=EXTRA,
    protocol=Protocol(baseline="dense"),
    default_model="resnet20",
    default_methods=METHODS,
    reference=REFERENCE,
    published=Published(
        folder="CIFAR-10-C",
        files=CIFAR10C_FILES,
        labels=CIFAR10C_LABELS,
        download=Download(
            file=File("CIFAR-10-C.tar", "md5:56bf5dcef84df0e2308c6dcbcbbd8499", 2918471680),
            mirrors=("https://zenodo.org/records/2535967/files/CIFAR-10-C.tar?download=1",),
            members=(CIFAR10C_LABELS, *CIFAR10C_FILES.values()),
        ),
    ),
)

digits_c = Suite(
    name="digits-c",
    dataset="digits",
    preset="cifar",
    standard=tuple("frost_procedural" if name == "frost" else name for name in STANDARD),
    extra=EXTRA,
    protocol=Protocol(baseline="dense"),
    default_model="cnn-small",
    default_methods=METHODS,
    reference=f"the corruptions of {REFERENCE}, frost on a procedural texture, on scikit-learn's digits",
)
