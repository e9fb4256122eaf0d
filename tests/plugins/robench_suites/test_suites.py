"""The suites against published facts: order, sizes that add up to the archive's, the labels' md5."""

import hashlib
import io

import numpy as np

from robench import registry
from robench.data import images
from robench_datasets import cifar
from robench_suites.cifar import CIFAR10C_LABELS, cifar10c
from robench_suites.digits import digits_c

TAR_BLOCK = 512


def test_both_suites_are_registered():
    assert registry.load("suite", "cifar10c") is cifar10c
    assert registry.load("suite", "digits-c") is digits_c


def test_15_standard_and_4_extra_corruptions():
    for suite in (cifar10c, digits_c):
        assert (len(suite.standard), len(suite.extra)) == (15, 4)
        assert len({*suite.standard, *suite.extra}) == 19
        assert suite.severities == (1, 2, 3, 4, 5)
    assert set(cifar10c.published.files) == {*cifar10c.standard, *cifar10c.extra}


def test_the_sizes_add_up_to_the_published_archive():
    members = cifar10c.published.download.members
    padded = sum(-(-file.size // TAR_BLOCK) * TAR_BLOCK for file in members)
    headers = TAR_BLOCK * (len(members) + 1)  # one for the folder
    assert padded + headers + 2 * TAR_BLOCK == cifar10c.published.download.file.size


def test_our_layout_of_the_labels_has_the_published_md5(shared_data):
    _, labels = images.load(cifar.cifar10, shared_data, "test")
    buffer = io.BytesIO()
    np.save(buffer, np.tile(labels, 5).astype(np.uint8))
    assert f"md5:{hashlib.md5(buffer.getvalue()).hexdigest()}" == CIFAR10C_LABELS.digest
