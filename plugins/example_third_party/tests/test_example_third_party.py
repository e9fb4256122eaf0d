"""The laws of the contract; `robench check method example-third-party` runs the same."""

import pytest
from robench.testing import Check, method_checks

from example_third_party import ExampleThirdParty


@pytest.mark.parametrize("check", method_checks(), ids=str)
def test_law(check: Check) -> None:
    """Each law holds."""
    check(ExampleThirdParty)
