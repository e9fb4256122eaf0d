"""AlexNet's top-1 errors, the reference that CE and mCE are ratios to."""

from robench.contracts.suite import Table

IMAGENET_C: Table = {
    "gaussian_noise": (0.69528, 0.82542, 0.93554, 0.98138, 0.99452),
    "shot_noise": (0.71224, 0.85108, 0.93574, 0.98182, 0.99146),
    "impulse_noise": (0.78374, 0.89808, 0.94870, 0.98720, 0.99548),
    "defocus_blur": (0.65624, 0.73202, 0.85036, 0.91364, 0.94714),
    "glass_blur": (0.64308, 0.75054, 0.88806, 0.91622, 0.93344),
    "motion_blur": (0.58430, 0.70048, 0.82108, 0.89750, 0.92638),
    "zoom_blur": (0.70008, 0.76992, 0.80784, 0.84198, 0.87198),
    "snow": (0.71726, 0.88392, 0.86468, 0.91870, 0.94952),
    "frost": (0.61390, 0.79734, 0.88790, 0.89942, 0.93430),
    "fog": (0.67474, 0.76050, 0.84378, 0.87260, 0.94500),
    "brightness": (0.45140, 0.48502, 0.54048, 0.62166, 0.72440),
    "contrast": (0.64548, 0.76150, 0.88874, 0.97760, 0.99270),
    "elastic_transform": (0.52596, 0.70116, 0.55686, 0.64076, 0.80554),
    "pixelate": (0.52218, 0.54620, 0.73728, 0.87092, 0.91262),
    "jpeg_compression": (0.51002, 0.54718, 0.57294, 0.65458, 0.74778),
    "clean": 0.4348,
}
"""Errors at severities 1 to 5 on the 50,000 published images, from timm's `imagenet-c` table.

The clean error is that of torchvision's AlexNet, 43.48 %; the paper (arXiv:1903.12261) rounds it to 43.5 %.
"""

IMAGENET_3DCC: Table = {
    "near_focus": 0.61068,
    "far_focus": 0.65152,
    "bit_error": 0.68336,
    "color_quant": 0.59620,
    "flash": 0.80124,
    "fog_3d": 0.77356,
    "h265_abr": 0.56740,
    "h265_crf": 0.52520,
    "iso_noise": 0.93152,
    "low_light": 0.82248,
    "xy_motion_blur": 0.82484,
    "z_motion_blur": 0.79588,
    "clean": 0.4376,
}
"""Errors, mean over the five severities, on RobustBench's 5,000 validation images; the clean error is on the same."""
