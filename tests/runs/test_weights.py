"""The file of final masks."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file

from robench.errors import StoreError
from robench.runs.weights import load_masks, save_masks

SHAPES = st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=4), max_size=3)


@given(SHAPES, st.integers(0, 1000))
def test_masks_read_back_as_they_were(tmp_path_factory, shapes, seed):
    rng = np.random.default_rng(seed)
    masks = {f"layer.{i}": torch.from_numpy(rng.random(shape) < 0.5) for i, shape in enumerate(shapes)}
    path = tmp_path_factory.getbasetemp() / "masks.safetensors"
    save_masks(path, masks)
    read = load_masks(path)
    assert read.keys() == masks.keys()
    assert all(read[name].dtype == torch.bool and torch.equal(read[name], mask) for name, mask in masks.items())


def test_eight_weights_take_a_byte_whatever_the_memory_format(tmp_path):
    mask = (torch.arange(2 * 3 * 4 * 5) % 3 == 0).view(2, 3, 4, 5)
    save_masks(tmp_path / "a", {"w": mask})
    save_masks(tmp_path / "b", {"w": mask.to(memory_format=torch.channels_last)})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    packed = load_file(tmp_path / "a")["w"]
    assert packed.nbytes == 15
    assert packed[0] == 0b10010010


@pytest.mark.parametrize(
    "damage", [lambda b: b"", lambda b: b[:-1], lambda b: b.replace(b"[3,", b"[9,"), lambda b: b"x"]
)
def test_a_damaged_file_is_one_line(tmp_path, damage):
    path = tmp_path / "masks.safetensors"
    save_masks(path, {"w": torch.ones(3, 7, dtype=torch.bool)})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(StoreError, match=r"^masks\.safetensors: .+$"):
        load_masks(path)
