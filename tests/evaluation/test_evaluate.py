"""Correctness bits against scikit-learn's accuracy and by hand."""

import numpy as np
import torch
from sklearn.metrics import accuracy_score
from torch import nn

from robench.evaluation.evaluate import correct


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Flatten(), nn.Linear(12, 5)).eval()


def judge(model: nn.Module, images: np.ndarray, labels: np.ndarray, batch_size: int = 250) -> np.ndarray:
    device = torch.device("cpu")
    truth = torch.from_numpy(labels)
    return correct(model, images, truth, normalize=torch.Tensor.float, device=device, batch_size=batch_size)


def test_the_share_of_bits_is_the_accuracy() -> None:
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (101, 2, 2, 3), dtype=np.uint8), rng.integers(0, 5, 101)
    model = network()
    answers = [int(model(torch.from_numpy(image[None]).permute(0, 3, 1, 2).float()).argmax()) for image in images]
    bits = judge(model, images, labels)
    assert bits.dtype == bool
    assert bits.mean() == accuracy_score(labels, answers)


def test_bits_depend_neither_on_the_batch_nor_on_the_order() -> None:
    rng = np.random.default_rng(1)
    images, labels = rng.integers(0, 256, (37, 2, 2, 3), dtype=np.uint8), rng.integers(0, 5, 37)
    whole, order = judge(network(), images, labels), rng.permutation(37)
    assert (judge(network(), images, labels, batch_size=5) == whole).all()
    assert (judge(network(), images[order], labels[order]) == whole[order]).all()


def test_read_only_files_are_read_in_place(tmp_path: object) -> None:
    path = f"{tmp_path}/images.npy"
    images = np.random.default_rng(2).integers(0, 256, (9, 2, 2, 3), dtype=np.uint8)
    np.save(path, images)
    labels = np.zeros(9, dtype=np.int64)
    assert (judge(network(), np.load(path, mmap_mode="r"), labels) == judge(network(), images, labels)).all()


def test_an_answer_that_is_no_number_is_wrong() -> None:
    class Broken(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            logits = torch.zeros(len(images), 5)
            logits[::2, 0] = torch.nan
            return logits

    bits = judge(Broken(), np.zeros((6, 2, 2, 3), dtype=np.uint8), np.zeros(6, dtype=np.int64))
    assert bits.tolist() == [False, True] * 3
