"""One pass over all cells: uint8 to the device, normalised there, one correctness bit per image."""

from collections.abc import Callable

import numpy as np
import torch

from robench.data.image_files import Images, batches


@torch.inference_mode()
def correct(
    network: Callable[[torch.Tensor], torch.Tensor],
    images: Images,
    labels: torch.Tensor,
    *,
    normalise: Callable[[torch.Tensor], torch.Tensor],
    device: torch.device,
    batch_size: int = 250,
) -> np.ndarray:
    """Return bool (N,): does the largest logit of image i stand at its label?

    `images`: uint8 (N, H, W, C), may be memory-mapped and read-only, or image files; `labels`: int64 (N,) on
    `device`. Where two logits tie, the lower class counts; a NaN logit makes the answer wrong.
    """
    results = torch.empty(len(images), dtype=torch.bool, device=device)
    for part, pixels in batches(images, batch_size):
        batch = torch.tensor(pixels).to(device, non_blocking=True).permute(0, 3, 1, 2)
        logits = network(normalise(batch))
        answers = logits.argmax(1)
        results[part] = (answers == labels[part]) & ~logits.isnan().any(1)
    return results.cpu().numpy()
