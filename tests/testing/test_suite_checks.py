"""The laws of suites hold for every built-in, and each planted fault fails the check that names it."""

from dataclasses import replace

import pytest

from robench import registry
from robench.contracts import Suite
from robench.testing import examine, suite_checks
from robench_suites.digits import digits_c
from robench_suites.imagenet import imagenet_c

PROTOCOL = digits_c.protocol
FAULTS = {
    "declaration": replace(digits_c, severities=(3, 1)),
    "dataset": replace(digits_c, dataset="digitts"),
    "corruptions": replace(digits_c, standard=("fog", "smog")),
    "protocol": replace(digits_c, protocol=replace(PROTOCOL, endpoint="robust_acuracy")),
    "defaults": replace(digits_c, default_methods=("dense", "rigle")),
    "reference-network": replace(imagenet_c, baseline_errors={"fog": (0.5, 0.6), "clean": 0.4}),
}


@pytest.mark.parametrize("check", suite_checks(), ids=str)
@pytest.mark.parametrize("name", [entry.name for entry in registry.entries("suite")])
def test_builtins_keep_the_laws(name: str, check) -> None:
    check(registry.load("suite", name))


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_fails_its_check_alone(name: str) -> None:
    failed = [finding.check for finding in examine("planted", FAULTS[name], {}, suite_checks()) if not finding.passed]
    assert failed == [name]


@pytest.mark.parametrize(
    ("protocol", "reason"),
    [
        (replace(PROTOCOL, alpha=0.0), "alpha is 0.0"),
        (replace(PROTOCOL, margin=0.0), "margin is 0.0"),
        (replace(PROTOCOL, minimum_networks=1), "minimum_networks is 1"),
        (replace(PROTOCOL, baseline="densse"), "unknown 'densse'"),
    ],
)
def test_a_protocol_that_cannot_be_tested_is_named(protocol, reason: str) -> None:
    suite: Suite = replace(digits_c, protocol=protocol)
    (finding,) = [finding for finding in examine("planted", suite, {}, suite_checks()) if not finding.passed]
    assert (finding.check, reason in finding.seen) == ("protocol", True)
