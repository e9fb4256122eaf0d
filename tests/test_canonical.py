"""Canonical JSON: one text for one value."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robench.canonical import content_hash, dumps

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_it_reads_back_as_the_same_value(value: object) -> None:
    assert json.loads(dumps(value)) == value


@given(st.dictionaries(st.text(), JSON, max_size=6))
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    assert content_hash(value) == content_hash(dict(reversed(value.items())))


def test_the_hash_is_sha256_of_the_text() -> None:
    assert content_hash({"b": [1, 0.5], "a": "é"}) == hashlib.sha256(b'{"a":"\\u00e9","b":[1,0.5]}').hexdigest()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")]])
def test_what_json_lacks_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        dumps(value)
