"""Names of columns that can be asked for, and the columns of CSV that each stands for."""

from collections.abc import Sequence

from robench.errors import InputError, unknown

COLUMNS: dict[str, tuple[str, ...]] = {
    "rank": ("rank", "rank_low", "rank_high", "group"),
    "method": ("method", "role"),
    "model": ("model",),
    "sparsity": ("sparsity_fraction",),
    "n": ("n", "n_planned", "preliminary"),
    "clean_accuracy": ("clean_accuracy_mean_fraction", "clean_accuracy_sd_fraction"),
    "robust_accuracy": ("robust_accuracy_mean_fraction", "robust_accuracy_sd_fraction"),
    "endpoint": ("endpoint_mean_fraction", "endpoint_sd_fraction"),
    "difference": (
        "compared_with",
        "compared_with_sparsity_fraction",
        "difference_mean_fraction",
        "difference_low_fraction",
        "difference_high_fraction",
    ),
    "p": ("p", "p_adjusted", "significant"),
    "mde": ("detectable_fraction",),
    "hedges_g": ("hedges_g",),
    "ranks_resampled": ("rank_resampled_low", "rank_resampled_high"),
    "p_best": ("p_best",),
    "ranks_one_out": ("rank_one_out_low", "rank_one_out_high"),
    "mce": ("mce_fraction",),
    "relative_mce": ("relative_mce_fraction",),
    "relative_robustness": ("relative_robustness_fraction",),
    "flops_train": ("flops_train_ratio",),
    "flops_inference": ("flops_inference_ratio",),
    "parameters": ("parameters",),
    "nonzero": ("nonzero",),
    "ids": ("ids",),
}
"""Name -> columns of CSV, which also has some that no name stands for (of the board, and of further tests)."""


def checked(chosen: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns that were asked for; InputError for one that is none, one given twice, or none."""
    if not chosen:
        raise InputError(f"columns: none given; there are {', '.join(COLUMNS)}")
    for name in chosen:
        if name not in COLUMNS:
            raise unknown("columns", name, COLUMNS)
        if list(chosen).count(name) > 1:
            raise InputError(f"columns: {name} is given twice")
    return tuple(chosen)
