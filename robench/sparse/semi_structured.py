"""2:4 weights on hardware that computes with them: torch's semi-structured tensors."""

import copy

import torch
from torch import Tensor, nn

from robench.errors import InputError


def semi_structured(model: nn.Module) -> nn.Module:
    """Return a copy of `model` for inference whose 2:4 Linear weights are torch's semi-structured tensors.

    Converted is every Linear weight with at least two zeros in each four consecutive inputs and a shape that the
    kernels take; the others, and convolutions, stay as they are. Outputs are equal but for rounding.

    Args:
        model: On a CUDA device of compute capability 8.0 or more, in float16 or bfloat16.

    Raises:
        InputError: The hardware or the precision is another, or no weight can be converted.

    Example:
        >>> semi_structured(nn.Linear(64, 32))
        Traceback (most recent call last):
        ...
        robench.errors.InputError: device: cpu has no 2:4 kernels; they need CUDA, compute capability 8.0 or more
    """
    weight = next(model.parameters())
    if weight.device.type != "cuda" or torch.cuda.get_device_capability(weight.device) < (8, 0):
        raise InputError(f"device: {weight.device} has no 2:4 kernels; they need CUDA, compute capability 8.0 or more")
    if weight.dtype not in (torch.float16, torch.bfloat16):
        raise InputError(f"precision: {weight.dtype} has no 2:4 kernels here; use float16 or bfloat16")
    exported = copy.deepcopy(model).eval()
    layers = [module for module in exported.modules() if isinstance(module, nn.Linear) and fits(module.weight)]
    if not layers:
        raise InputError("model: no Linear weight is 2:4 sparse in a shape that the kernels take")
    for layer in layers:
        layer.weight = nn.Parameter(torch.sparse.to_sparse_semi_structured(layer.weight.detach()), requires_grad=False)
    return exported


def fits(weight: Tensor) -> bool:
    """Say whether a matrix (out, in) is 2:4 sparse along `in` and large enough: 32 and 64, in whole multiples.

    Example:
        >>> two_of_four = torch.tensor([1.0, 0.0, 0.0, 1.0]).repeat(32, 16)
        >>> fits(two_of_four), fits(two_of_four[:16]), fits(torch.ones(32, 64))
        (True, False, False)
    """
    outputs, inputs = weight.shape
    if outputs % 32 or inputs % 64:
        return False
    return bool(((weight.detach() != 0).view(-1, 4).sum(dim=1) <= 2).all())
