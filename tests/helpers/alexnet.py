"""AlexNet's top-1 errors on ImageNet-C (full validation set), as published: severity 1 to 5 of each corruption."""

CLEAN_ERROR = 0.4348

ERRORS = {
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
}

TABLE = {**ERRORS, "clean": (CLEAN_ERROR,)}
CELLS = [(name, severity) for name in ERRORS for severity in range(1, 6)]
COLUMN = [error for errors in ERRORS.values() for error in errors]

# The mean over severities as published beside the table: a check of the table, not of the code.
MEANS = {
    "gaussian_noise": 0.886428,
    "shot_noise": 0.894468,
    "impulse_noise": 0.922640,
    "defocus_blur": 0.819880,
    "glass_blur": 0.826268,
    "motion_blur": 0.785948,
    "zoom_blur": 0.798360,
    "snow": 0.866816,
    "frost": 0.826572,
    "fog": 0.819324,
    "brightness": 0.564592,
    "contrast": 0.853204,
    "elastic_transform": 0.646056,
    "pixelate": 0.717840,
    "jpeg_compression": 0.606500,
}

# torchvision's ResNet-50 (first weights): mean top-1 accuracy in percent (rounded), and the CE published for it.
RESNET50 = {
    "gaussian_noise": (29.29, 79.77),
    "contrast": (39.06, 71.43),
    "defocus_blur": (38.75, 74.71),
    "glass_blur": (26.79, 88.61),
    "brightness": (68.02, 56.64),
    "fog": (45.83, 66.11),
    "frost": (38.14, 74.84),
    "elastic_transform": (45.25, 84.75),
    "impulse_noise": (23.81, 82.58),
}

# ImageNet-3DCC, as RobustBench gives them: mean over five severities on its 5,000 images; clean accuracy 56.24 %.
MEANS_3DCC = {
    "color_quant": 0.59620,
    "iso_noise": 0.93152,
    "low_light": 0.82248,
    "near_focus": 0.61068,
    "far_focus": 0.65152,
    "fog_3d": 0.77356,
    "flash": 0.80124,
    "xy_motion_blur": 0.82484,
    "z_motion_blur": 0.79588,
    "bit_error": 0.68336,
    "h265_crf": 0.52520,
    "h265_abr": 0.56740,
}
CLEAN_ERROR_3DCC = 1 - 0.5624
