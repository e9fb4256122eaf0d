"""Export of 2:4 weights; the kernels themselves run where a GPU has them (benchmarks/speed/semi_structured.py)."""

import pytest
import torch
from torch import nn

from robench.errors import InputError
from robench.sparse.semi_structured import fits, semi_structured
from robench_methods.nm_rigl import NMRigL


def test_weights_trained_two_of_four_fit():
    model = nn.Sequential(nn.Linear(8, 64), nn.Linear(64, 32), nn.Linear(32, 10))
    method = NMRigL()
    method.start(model, torch.optim.SGD(model.parameters()), total_steps=10, seed=0)
    assert [fits(layer.weight) for layer in model] == [False, True, False]
    with torch.no_grad():
        model[1].weight[3, :4] = 1.0
    assert not fits(model[1].weight)


def test_an_active_weight_at_zero_still_fits():
    assert fits(torch.zeros(32, 64))


def test_hardware_without_kernels_is_named():
    with pytest.raises(InputError, match="device: cpu has no 2:4 kernels; they need CUDA"):
        semi_structured(nn.Linear(64, 32))
