"""One study, one set of ids, however it is written."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robench import registry
from robench.registry.options import describe
from robench.registry.written import parse_plugin, write_plugin
from robench.runs.spec import RunSpec
from robench.study.grid import read_grid
from robench.study.plan import expand
from tests.helpers.distributions import install

GRID: dict[str, Any] = {"suite": ["digits-c"], "methods": ["dense"], "models": ["mlp"], "seeds": 1}


def plan(**changes: Any) -> list[RunSpec]:
    return expand(read_grid({**GRID, **changes}, "test"), data=Path("nowhere"))


def ids(**changes: Any) -> set[str]:
    return {spec.id for spec in plan(**changes)}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"corruptions": "contrast,brightness"}, {"corruptions": ["brightness", "contrast", "brightness"]}),
        ({"corruptions": "all"}, {"corruptions": "spatter,standard,all"}),
        ({"corruptions": "Fog,robench:Gaussian-Noise"}, {"corruptions": ["gaussian_noise", "fog"]}),
        ({"severities": "3,1"}, {"severities": [1, "3", 3]}),
        ({"severities": "5,4,3,2,1"}, {}),
        ({"test_limit": 501}, {"test_limit": 500}),
        ({"test_limit": "500"}, {}),
        ({"train_limit": 5000}, {}),
        ({"seeds": 2}, {"seeds": "1,0"}),
        ({"seeds": [7]}, {"seeds": "7,"}),
        ({"suite": "Digits_C"}, {"suite": "robench:digits-c"}),
        ({"methods": "rigl", "sparsity": "0,-0,-0.0"}, {"methods": "rigl", "sparsity": 0}),
        ({"methods": "rigl", "sparsity": "5e-1"}, {"methods": ["RigL(sparsity=.5)"]}),
        ({"methods": "robench:rigl"}, {"methods": {"RIGL": {"drop_fraction": 0.3, "update_interval": "100"}}}),
        ({"methods": "rigl(drop_fraction=1)"}, {"methods": "rigl(drop_fraction=1.0)"}),
        ({"methods": "rigl(stop_fraction=-0.0)"}, {"methods": "rigl(stop_fraction=0)"}),
        ({"models": "mlp(width=512)"}, {"models": " MLP ( width = 512, depth = 2 ) "}),
        ({"models": "mlp(widths=[20, 10])"}, {"models": [{"mlp": {"widths": (20, 10.0)}}]}),
        ({"models": "timm/ResNet10T"}, {"models": "robench:timm/resnet10t"}),
        ({"methods": "replay(of=RigL)"}, {"methods": "replay"}),
        ({"methods": "replay(of=Robench:rigl)"}, {"methods": "replay(of='rigl(drop_fraction=0.3)')"}),
        ({"methods": "replay(of='rigl(sparsity=0.3)')", "sparsity": 0.3}, {"methods": "replay(sparsity=0.3)"}),
        (
            {"methods": "replay(of='set(update_interval=9, drop_fraction=0.4)')"},
            {"methods": "replay(of='SET( drop_fraction = 4e-1,update_interval=9.0 )')"},
        ),
        ({"methods": "replay(of='dense-to-static(of=Dense)')"}, {"methods": "replay(of=dense_to_static)"}),
        ({"recipe": "sgd"}, {"recipe": "SGD", "training": {"epochs": "200", "momentum": 0.9, "mixup": -0.0}}),
        ({"recipe": "adamw"}, {"recipe": "adamw", "training": {"randaugment": "rand-n02-m9-inc1-mstd.5"}}),
    ],
)
def test_two_ways_of_writing_one_study_have_one_set_of_ids(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert ids(**one) == ids(**other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"test_limit": 499}, {}),
        ({"methods": "replay(of=set)"}, {"methods": "replay(of=rigl)"}),
        ({"methods": "replay(of='rigl(update_interval=9)')"}, {"methods": "replay"}),
        ({"methods": "rigl", "sparsity": 0}, {"methods": "rigl", "sparsity": 1e-9}),
        ({"severities": "1,3"}, {"severities": "1,2"}),
    ],
)
def test_what_differs_has_other_ids(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = plan(**one)[-1], plan(**other)[-1]  # the followed run comes first
    assert first.id != second.id


NAMES = ["dense", "static", "set", "rigl", "mest", "granet", "small-dense", "replay", "dense-to-static"]


def _spelled(draw: st.DrawFn, name: str) -> str:
    """Write a name in some letter case, with "_" for "-", qualified or not, in white space or not."""
    cased = "".join(letter.upper() if draw(st.booleans()) else letter for letter in name)
    cased = cased.replace("-", draw(st.sampled_from("-_")))
    return draw(st.sampled_from(["", " "])) + draw(st.sampled_from(["", "robench:", "Robench:"])) + cased


def _number(draw: st.DrawFn, value: float) -> Any:
    forms = [value, str(value), float(value), *([f"{value:e}"] if isinstance(value, float) else [])]
    return draw(st.sampled_from(forms if value else [*forms, -0.0, "-0"]))


def _plugin(draw: st.DrawFn, name: str, options: dict[str, Any]) -> Any:
    """Write a method with options, defaults written out or not, as text or as a mapping."""
    defaults = {option.name: option.default for option in describe(registry.load("method", name))}
    extra = [key for key, value in defaults.items() if isinstance(value, int | float) and key != "sparsity"]
    for key in draw(st.lists(st.sampled_from(extra), unique=True)) if extra else []:
        options = {key: defaults[key], **options}
    shuffled = draw(st.permutations(list(options.items())))
    forms = {key: value if isinstance(value, bool | str) else _number(draw, value) for key, value in shuffled}
    spelled = _spelled(draw, name)
    if draw(st.booleans()):
        return {spelled: forms}
    return f"{spelled}({', '.join(f'{key} = {json.dumps(value)}' for key, value in forms.items())})"


def _listed(draw: st.DrawFn, items: list[Any]) -> Any:
    """Write a list whose order means nothing: in any order, with repeats, or as text with commas."""
    several = draw(st.permutations([*items, *draw(st.lists(st.sampled_from(items), max_size=2))]))
    as_text = all(not isinstance(item, dict) for item in several) and draw(st.booleans())
    return ",".join(map(str, several)) + "," * draw(st.booleans()) if as_text else several


@st.composite
def written(draw: st.DrawFn, study: dict[str, Any]) -> dict[str, Any]:
    """Write a study in some way."""
    grid: dict[str, Any] = {
        "suite": [_spelled(draw, "digits-c")],
        "models": [_spelled(draw, "mlp")],
        "methods": _listed(draw, [_plugin(draw, *method) for method in study["methods"]]),
        "sparsity": _listed(draw, [_number(draw, value) for value in study["sparsity"]]),
        "corruptions": _listed(draw, [_spelled(draw, name) for name in study["corruptions"]]),
        "severities": _listed(draw, study["severities"]),
        "seeds": _listed(draw, study["seeds"]) if study["seeds"] != [0, 1] else draw(st.sampled_from([2, "2", [1, 0]])),
        "training": {"epochs": draw(st.sampled_from([200, "200", 200.0]))} if draw(st.booleans()) else {},
    }
    if isinstance(grid["seeds"], str) and "," not in grid["seeds"] and study["seeds"] != [0, 1]:
        grid["seeds"] += ","
    if draw(st.booleans()):
        grid["test_limit"] = draw(st.sampled_from([500, "500", 501, 10**6]))
    return grid


@st.composite
def studies(draw: st.DrawFn) -> dict[str, Any]:
    """Two ways to write one study."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    study = {
        "methods": [(name, draw(_options(name))) for name in names],
        "sparsity": draw(st.lists(st.sampled_from([0, 0.1, 0.5]), min_size=1, max_size=2, unique=True)),
        "corruptions": draw(
            st.lists(st.sampled_from(["fog", "snow", "shot_noise", "spatter"]), min_size=1, unique=True)
        ),
        "severities": draw(st.lists(st.integers(1, 5), min_size=1, unique=True)),
        "seeds": draw(st.sampled_from([[0, 1], [3], [5, 2]])),
    }
    return {"one": draw(written(study)), "other": draw(written(study))}


def _options(name: str) -> st.SearchStrategy[dict[str, Any]]:
    known = {option.name for option in describe(registry.load("method", name))}
    some = {"update_interval": st.sampled_from([7, 100]), "drop_fraction": st.sampled_from([0.25, 1])}
    return st.fixed_dictionaries({}, optional={key: values for key, values in some.items() if key in known})


@settings(max_examples=15)
@given(studies())
def test_any_two_ways_of_writing_one_study_have_one_set_of_ids(study: dict[str, Any]) -> None:
    assert ids(**study["one"]) == ids(**study["other"])


VALUES = (
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(max_codepoint=0xFFFF) | st.just("🌧"), max_size=20)
)


@given(st.dictionaries(st.from_regex(r"[a-z_]+", fullmatch=True), VALUES | st.lists(VALUES, max_size=3), max_size=3))
def test_what_is_written_is_read_back(options: dict[str, Any]) -> None:
    assert parse_plugin(write_plugin("some-method", options)) == ("some-method", options)


def test_a_followed_method_keeps_its_own_default_where_it_does_not_allow_that_of_the_follower() -> None:
    nm, replay = plan(methods="replay(of=nm-rigl, sparsity=0.5)")
    assert (nm.method.name, nm.method.options["distribution"], nm.sparsity) == ("nm-rigl", "uniform", 0.5)
    assert (replay.method.options["of"], replay.follows) == ("nm-rigl", nm.id)
    assert nm.id in ids(methods="nm-rigl")


def test_an_option_that_somebody_wrote_is_not_dropped() -> None:
    with pytest.raises(
        ValueError, match="method nm-rigl: distribution = 'er' is not allowed: Input should be 'uniform'"
    ):
        plan(methods="replay(of=nm-rigl, distribution=er)")


def test_a_method_that_follows_itself_by_default_is_refused(site: Path) -> None:
    source = "from robench.sparse.inheriting import Inheriting\nclass Loop(Inheriting):\n of: str = 'loop'"
    source = source.replace("class Loop", "from dataclasses import dataclass\n@dataclass(kw_only=True)\nclass Loop")
    install(site, "looping", source, {"robench.methods": {"loop": "looping:Loop"}})
    with pytest.raises(ValueError, match="method: loop follows loop, without end"):
        plan(methods="loop")
