"""The built-in methods, models and datasets keep the laws of their contracts: the table that third parties run."""

from typing import Literal, get_args, get_origin, get_type_hints

import pytest

from robench import registry
from robench.testing import dataset_checks, method_checks, model_checks
from tests.helpers.small_models import SMALL

METHODS = [entry.name for entry in registry.entries("method") if entry.distribution == "robench"]
A_METHOD_OF_EACH_ROLE = {registry.load("method", name).role: name for name in METHODS}.values()
"""Those that run the check of the ranks here; tests/sparse/test_distributed.py has every method on two and three."""

(RANKS,) = (check for check in method_checks() if check.name == "ranks")
QUICK = [check for check in method_checks() if check.name in ("active-count", "grown-weights", "dense-gradient")]


def variants(name):
    """Yield the other values of each option that has named ones, one option at a time."""
    cls = registry.load("method", name)
    for option, hint in get_type_hints(cls, include_extras=True).items():
        if get_origin(hint) is Literal:
            yield from ({option: value} for value in get_args(hint) if value != getattr(cls, option))


@pytest.mark.parametrize("check", [check for check in method_checks() if check is not RANKS], ids=str)
@pytest.mark.parametrize("name", METHODS)
def test_method(name, check):
    check(registry.load("method", name))


@pytest.mark.thorough
@pytest.mark.parametrize("name", A_METHOD_OF_EACH_ROLE)
def test_ranks(name):
    RANKS(registry.load("method", name))


@pytest.mark.thorough
@pytest.mark.parametrize("check", QUICK, ids=str)
@pytest.mark.parametrize(("name", "options"), [(name, options) for name in METHODS for options in variants(name)])
def test_variant_of_a_method(name, options, check):
    check(registry.load("method", name), **options)


@pytest.mark.parametrize("check", model_checks(), ids=str)
@pytest.mark.parametrize("name", [entry.name for entry in registry.entries("model") if entry.distribution == "robench"])
def test_model(name, check):
    check(registry.load("model", name), **SMALL[name])


@pytest.mark.parametrize("check", dataset_checks(), ids=str)
def test_digits(check):
    check(registry.load("dataset", "digits"))


@pytest.mark.parametrize("check", dataset_checks(), ids=str)
def test_cifar10(check, shared_data):
    check(registry.load("dataset", "cifar10"), data=shared_data)
