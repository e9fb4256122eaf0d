"""Named streams against SHA-256 and NumPy used by hand."""

import hashlib
import random

import numpy as np
import torch

from robench import rng


def test_entropy_is_the_start_of_the_sha256_of_the_parts() -> None:
    digest = hashlib.sha256(b"7\x1ftopology\x1f3\x1fconv1.weight").digest()
    assert rng.entropy(7, "topology", 3, "conv1.weight") == int.from_bytes(digest[:16], "little")


def test_streams_differ_by_seed_name_and_place_and_repeat() -> None:
    places = [(0, "data"), (1, "data"), (0, "augment"), (0, "data", 0), (0, "data", 1), (0, "data", 1, 2)]
    firsts = [rng.stream(*place).integers(2**63) for place in places]
    assert len(set(firsts)) == len(places)
    assert firsts == [rng.stream(*place).integers(2**63) for place in places]


def test_a_place_cannot_be_written_in_two_ways() -> None:
    assert rng.entropy(1, "a", 11) != rng.entropy(1, "a", 1, 1)
    assert rng.entropy(11, "a") != rng.entropy(1, "1a")


def test_no_global_state_is_touched() -> None:
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()
    rng.stream(0, "init").normal(size=10)
    torch.rand(10, generator=rng.torch_stream(0, "init"))
    assert (random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state().tolist()) == before
