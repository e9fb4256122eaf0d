"""What the suites share: the 15 standard corruptions of ImageNet-C, the 4 extra ones, and the methods compared."""

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
GENERATED = tuple("frost_procedural" if name == "frost" else name for name in STANDARD)
"""The standard corruptions, frost on a procedural texture: no file is needed to make them."""
EXTRA = ("speckle_noise", "gaussian_blur", "spatter", "saturate")
METHODS = ("dense", "static", "set", "rigl", "mest")
REFERENCE = "Hendrycks and Dietterich 2019, arXiv:1903.12261"
