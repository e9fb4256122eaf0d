"""A corruption of one's own, or of another suite, on the board of a suite."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import robench
from robench import registry
from robench.data.sets.corrupted import locate
from robench.errors import InputError
from robench.study.plan import corruptions_of
from tests.helpers.distributions import install

RAIN = """
from robench.contracts import Corruption
levels = (20, 40, 60, 80, 100)
rain, fog = (
    Corruption(name, "weather", lambda images, level, draws: images // 2 + level // 2, {"cifar": levels}, "")
    for name in ("my-rain", "fog")
)
"""
POINTS = {"robench.corruptions": {"my-rain": "rainy:rain", "fog": "rainy:fog"}}


def test_the_board_and_the_record_say_what_the_suite_does_not_have(
    site: Path, own_cache: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install(site, "rainy", RAIN, POINTS)
    (board,) = robench.run(
        suite="digits-c", models="mlp(width=8)", methods="dense", seeds=[4], epochs=1, train_limit=64, test_limit=40,
        corruptions="My_Rain,fog,rainy:fog", severities="5,1", store=tmp_path,
    )  # fmt: skip
    assert board.corruptions == ("fog", "my-rain", "rainy:fog")
    assert "Not the suite's own set: digits-c does not have my-rain, rainy:fog." in board.footers
    record = json.loads(next(tmp_path.glob("runs/*/record.json")).read_text())
    assert record["suite"]["added_corruptions"] == ["my-rain", "rainy:fog"]
    assert record["spec"]["seed"] == 4
    own = {key for key, note in record["plugins"].items() if note["origin"] == "rainy==1.0"}
    assert own == {"corruption:my-rain", "corruption:rainy:fog"}
    errors = {(cell["corruption"], cell["severity"]): cell["error"] for cell in record["metrics"]["cells"]}
    assert errors["my-rain", 1] == errors["rainy:fog", 1]  # one function under both names
    assert robench.leaderboard(tmp_path) == [board]


def test_a_suite_whose_reference_network_never_saw_it_has_no_normalised_mce(site: Path) -> None:
    from robench.metrics.corruption_error import covering

    table = {"clean": 0.4, "fog": 0.5}
    assert covering([("my-rain", 1)], table) is None
    assert covering([("my-rain", 1), ("fog", 1)], table) is table


def test_a_set_with_a_corruption_that_the_suite_does_not_have_is_never_the_published_one(
    site: Path, tmp_path: Path
) -> None:
    suite = registry.load("suite", "tiny-imagenet-c")
    (tmp_path / suite.published.folder / "fog").mkdir(parents=True)
    assert locate(suite, tmp_path, ("fog",)) == "published"
    assert locate(suite, tmp_path, ("fog", "my-rain")) == "generated"


def test_what_has_no_levels_or_is_unknown_is_named(site: Path) -> None:
    install(site, "rainy", RAIN, POINTS)
    suite = registry.load("suite", "imagenet-c")
    with pytest.raises(InputError, match=r"imagenet-c: 'my-rain' has no levels for 'imagenet', only for cifar"):
        corruptions_of(suite, ["my-rain"])
    with pytest.raises(InputError, match=r"corruptions of imagenet-c: unknown 'my-rani'; did you mean 'my-rain'\?"):
        corruptions_of(suite, ["my-rani"])
    with pytest.raises(InputError, match="corruptions of imagenet-c: none is named"):
        corruptions_of(suite, [])
    assert corruptions_of(replace(suite, preset="cifar"), ["rainy:FOG", "snow", "fog"]) == ("snow", "fog", "rainy:fog")
