"""Loop, schedule and batches against plain PyTorch written out here."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from torch import nn

import robench
from robench import registry
from robench.rng import stream
from robench.runs.spec import RunSpec, Training
from robench.study.grid import read_grid
from robench.study.plan import expand
from robench.training import batches, network, optimizers, resume, trainer
from robench.training.job import Job

FIELDS: dict[str, Any] = {
    "suite": ["digits-c"],
    "models": ["mlp(width=16)"],
    "methods": ["dense"],
    "corruptions": ["fog"],
    "seeds": 1,
    "training": {
        "epochs": 2,
        "batch_size": 20,
        "crop_padding": 0,
        "flip": False,
        "weight_decay": 0.01,
        "warmup_epochs": 1,
        "momentum": 0.5,
    },
}


def plan(**changes: Any) -> RunSpec:
    return expand(read_grid({**FIELDS, **changes}, "test"), data=Path())[0]


def test_training_is_what_a_plain_loop_does(tmp_path: Path) -> None:
    spec, dataset = plan(), registry.load("dataset", "digits")
    pixels, truth = (part[:50] for part in dataset.read(tmp_path, "train"))
    images, labels = torch.tensor(pixels).permute(0, 3, 1, 2), torch.tensor(truth)
    plugin, method = registry.load("model", "mlp"), robench.method("dense")
    job = Job(
        spec,
        dataset,
        Fabric(accelerator="cpu", devices=1, plugins=[LightningEnvironment()]),
        tmp_path,
        1e9,
        lambda message: None,
    )
    ours = trainer.run(job, network.build(spec, plugin, dataset, method), method, images, labels).model

    plain, training = network.build(spec, plugin, dataset, method), spec.training
    optimizer = torch.optim.SGD(plain.parameters(), lr=1, momentum=0.5, nesterov=training.nesterov, weight_decay=0.01)
    mean, std = (torch.tensor(value).view(1, 3, 1, 1) for value in (dataset.mean, dataset.std))
    for step in range(4):
        order = stream(0, "data", step // 2).permutation(50)[step % 2 * 20 :][:20].copy()
        position, warmup = step + 0.5, training.warmup_epochs * 2
        factor = position / warmup if position < warmup else (1 + math.cos(math.pi * (position - 2) / 2)) / 2
        optimizer.param_groups[0]["lr"] = training.learning_rate * factor
        optimizer.zero_grad()
        nn.functional.cross_entropy(plain((images[order] / 255 - mean) / std), labels[order]).backward()
        optimizer.step()
    for one, other in zip(ours.state_dict().values(), plain.state_dict().values(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-6)


@given(st.integers(1, 500), st.floats(0, 0.9), st.floats(1e-4, 10))
def test_the_rate_rises_to_its_peak_and_falls_towards_0(total: int, share: float, peak: float) -> None:
    warmup = share * total
    rates = [optimizers.learning_rate(step, total=total, warmup=warmup, peak=peak) for step in range(total)]
    top = int(np.argmax(rates))
    assert min(rates) > 0
    assert max(rates) <= peak * (1 + 1e-12)
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_without_warm_up_the_rate_is_that_of_torch_between_its_steps() -> None:
    parameter = nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([parameter], lr=0.4)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 20)
    reference = []
    for _ in range(20):
        optimizer.step()
        scheduler.step()
        reference.append(optimizer.param_groups[0]["lr"])
    ours = [optimizers.learning_rate(step, total=10, warmup=0, peak=0.4) for step in range(10)]
    assert ours == pytest.approx(reference[::2])


def training(**changes: Any) -> Training:
    return Training(epochs=3, batch_size=4, optimizer="sgd", learning_rate=0.1, **changes)


def test_every_epoch_has_each_image_at_most_once_and_the_rest_is_left_out() -> None:
    labels = torch.arange(10)
    found = list(batches.batches(torch.zeros(10, 1, 2, 2), labels, training(), seed=0))
    assert [step for step, _, _ in found] == list(range(6))
    for epoch in range(3):
        seen = torch.cat([chosen for step, _, chosen in found if step // 2 == epoch]).tolist()
        assert len(set(seen)) == 8
    assert found[0][2].tolist() != found[2][2].tolist()


def test_a_set_smaller_than_a_batch_is_one_batch() -> None:
    (first, *_) = batches.batches(torch.zeros(3, 1, 2, 2), torch.arange(3), training(), seed=0)
    assert sorted(first[2].tolist()) == [0, 1, 2]


@pytest.mark.parametrize("first", [1, 2, 5])
def test_batches_from_the_middle_are_those_of_the_whole(first: int) -> None:
    images, labels = torch.rand(10, 1, 2, 2), torch.arange(10)
    whole = [chosen.tolist() for _, _, chosen in batches.batches(images, labels, training(), seed=3)]
    rest = [chosen.tolist() for _, _, chosen in batches.batches(images, labels, training(), seed=3, first=first)]
    assert rest == whole[first:]


def test_ranks_share_each_batch() -> None:
    images, labels = torch.rand(10, 1, 2, 2), torch.arange(10)
    whole = [chosen.tolist() for _, _, chosen in batches.batches(images, labels, training(), seed=0)]
    parts = [list(batches.batches(images, labels, training(), seed=0, rank=rank, world=2)) for rank in (0, 1)]
    for step, batch in enumerate(whole):
        assert [parts[rank][step][2].tolist() for rank in (0, 1)] == [batch[0::2], batch[1::2]]


def test_weights_depend_on_the_seed_alone_and_global_state_stays() -> None:
    plugin, dataset = registry.load("model", "mlp"), registry.load("dataset", "digits")
    before = torch.get_rng_state()
    models = [network.build(plan(), plugin, dataset, robench.method("dense")).state_dict() for _ in range(2)]
    assert torch.equal(before, torch.get_rng_state())
    for one, other in zip(*(model.values() for model in models), strict=True):
        assert torch.equal(one, other)


def test_adamw_decays_matrices_and_leaves_vectors() -> None:
    model = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))
    settings = training(weight_decay=0.1).model_copy(update={"optimizer": "adamw"})
    decayed, others = optimizers.build(model, settings).param_groups
    assert ([p.ndim for p in decayed["params"]], decayed["weight_decay"]) == ([2], 0.1)
    assert ([p.ndim for p in others["params"]], others["weight_decay"]) == ([1, 1, 1], 0.0)


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
STATE = st.recursive(
    PLAIN | st.lists(st.floats(-10, 10), max_size=4).map(torch.tensor),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(), STATE, max_size=4), st.integers(0, 10**6))
def test_a_checkpoint_reads_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, state: Any, step: int) -> None:
    folder = tmp_path_factory.getbasetemp() / "checkpoint"
    folder.mkdir(exist_ok=True)
    resume.save(folder, step, state)
    assert same(resume.load(folder), state)
    assert len(list(folder.iterdir())) == 2


def same(one: Any, other: Any) -> bool:
    if isinstance(one, torch.Tensor):
        return isinstance(other, torch.Tensor) and torch.equal(one, other) and one.dtype == other.dtype
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and bool(one == other)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"tensors": "../../x", "sha256": "", "state": 1}'])
def test_a_checkpoint_that_is_none_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "resume.json").write_text(text)
    assert resume.load(tmp_path) is None
