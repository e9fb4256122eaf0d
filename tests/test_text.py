"""Text taken apart."""

import pytest

from robench.text import pick, split_names


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("set,rigl(a=1,b='x,y')", ["set", "rigl(a=1,b='x,y')"]),
        ("a='it''s, x', b", ["a='it''s, x'", "b"]),
        (r'a="x\",", c', [r'a="x\","', "c"]),
        (r'a="\\", b', [r'a="\\"', "b"]),
        ("don't, b", ["don't", "b"]),
        ('a=["(", 2],b', ['a=["(", 2]', "b"]),
        (" , a,, ", ["a"]),
    ],
)
def test_commas_in_brackets_and_quotes_split_nothing(text: str, parts: list[str]) -> None:
    assert split_names(text) == parts


def test_a_name_is_picked_letter_for_letter_or_without_regard_to_case_where_that_is_one() -> None:
    assert pick("Fog_3D", ["fog-3d", "snow"]) == "fog-3d"
    assert pick("a", ["A", "a"]) == "a"
    assert pick("A_", ["a-", "a_"]) is None
    assert pick("fogg", ["fog"]) is None
