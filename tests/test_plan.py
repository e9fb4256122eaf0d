"""From a grid to runs, and every wrong input in one line."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robench.errors import InputError
from robench.plan import expand, parse_plugin, read_grid
from robench.specs import RunSpec, split_names

GRID = {"suite": ["digits-c"], "methods": ["dense", "rigl"], "models": ["mlp"], "seeds": 2}


def plan(**changes: Any) -> list[RunSpec]:
    return expand(read_grid({**GRID, **changes}, "test"), data=Path("nowhere"))


def test_the_grid_is_models_by_methods_by_sparsity_by_seeds() -> None:
    specs = plan(models=["mlp", "cnn-small"], sparsity=[0.1, 0.5])
    found = {(spec.model.name, spec.method.name, spec.sparsity, spec.seed) for spec in specs}
    methods = [("dense", 0.0), ("rigl", 0.1), ("rigl", 0.5)]
    assert found == {(m, *method, seed) for m in ("mlp", "cnn-small") for method in methods for seed in (0, 1)}
    assert len(specs) == len(found)


def test_the_same_run_asked_for_twice_is_one_run() -> None:
    assert len(plan(methods=["rigl", "rigl(sparsity=0.5)", {"rigl": {"drop_fraction": 0.3}}])) == 2


def test_the_id_depends_on_what_changes_the_result_alone() -> None:
    first = plan()[0]
    assert first.id == plan()[0].id
    assert len({plan(**change)[0].id for change in ({}, {"train_limit": 9}, {"training": {"epochs": 3}})}) == 3
    assert first.setting == plan(methods=["set"])[0].setting
    assert first.setting != plan(test_limit=5)[0].setting


def test_options_may_be_written_in_brackets_or_as_a_mapping() -> None:
    written = parse_plugin("rigl(drop_fraction=0.4, distribution=er)")
    assert written == ("rigl", {"drop_fraction": 0.4, "distribution": "er"})
    assert parse_plugin({"rigl": None}) == ("rigl", {})
    (one, _) = plan(methods=["rigl(drop_fraction=0.4)"])
    (two, _) = plan(methods=[{"rigl": {"drop_fraction": 0.4}}])
    assert one.id == two.id


def test_lists_may_be_written_short() -> None:
    short = {"suite": "digits-c", "methods": "dense,rigl", "models": "mlp", "sparsity": 0.5, "corruptions": "fog,snow"}
    long = {"suite": ["digits-c"], "methods": ["dense", "rigl"], "sparsity": [0.5], "corruptions": ["fog", "snow"]}
    assert [spec.id for spec in plan(**short)] == [spec.id for spec in plan(**long)]


def test_a_suite_has_a_model_of_its_own() -> None:
    assert plan(models=None)[0].model.name == "cnn-small"


def test_a_family_of_models_takes_a_variant() -> None:
    assert plan(models=["timm/resnet10t"])[0].model.name == "timm/resnet10t"


def test_corruptions_by_set_and_by_name() -> None:
    assert len(plan()[0].corruptions) == 15
    assert len(plan(corruptions="all")[0].corruptions) == 19
    assert plan(corruptions=["fog", "snow", "fog"], severities=[5, 1])[0].cells == (
        ("fog", 5), ("fog", 1), ("snow", 5), ("snow", 1),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"suite": ["cifar10-c"]}, "suite: unknown 'cifar10-c'; did you mean 'cifar10c'?"),
        ({"methods": ["riggl"]}, "method: unknown 'riggl'; did you mean 'rigl'?"),
        ({"models": ["resnet21"]}, "model: unknown 'resnet21'; did you mean 'resnet20'?"),
        ({"models": ["timm/resnet10tt"]}, "model timm: unknown 'resnet10tt'; did you mean 'resnet10t'?"),
        ({"models": ["mlp/large"]}, "'mlp' has no variants"),
        ({"methods": ["rigl(drop=0.1)"]}, "method rigl option: unknown 'drop'"),
        ({"methods": ["rigl(0.1)"]}, "'0.1' is not option=value"),
        ({"methods": ["rigl(sparsity=0.1"]}, "the bracket is not closed"),
        ({"methods": ["rigl(sparsity=2)"]}, "method rigl: sparsity = 2 is not allowed"),
        ({"methods": ["dense(sparsity=0.1)"]}, "method dense option: unknown 'sparsity'"),
        ({"methods": []}, "methods"),
        ({"methods": [{"rigl": {}, "set": {}}]}, "one name with its options is expected"),
        ({"sparsity": [1.2]}, "sparsity.0 = 1.2 is not allowed: Input should be less than 1"),
        ({"sparsity": [-1]}, "sparsity.0 = -1 is not allowed"),
        ({"seeds": 0}, "seeds = 0 is not allowed: Input should be greater than or equal to 1"),
        ({"seeds": "many"}, "seeds = 'many' is not allowed"),
        ({"epochs": 3}, "test: field: unknown 'epochs'"),
        ({"training": {"epoch": 3}}, "training: unknown 'epoch'; did you mean 'epochs'?"),
        ({"training": {"epochs": 0}}, "training: epochs = 0 is not allowed"),
        ({"training": {"learning_rate": float("nan")}}, "learning_rate"),
        ({"recipe": "quik"}, "recipe: unknown 'quik'; did you mean 'quick'?"),
        ({"corruptions": ["fogg"]}, "did you mean 'fog'?"),
        ({"severities": [6]}, "severities.0 = 6 is not allowed"),
        ({"baseline": "static"}, "baseline: 'static' is not one of the methods asked for"),
        ({"train_limit": 0}, "train_limit"),
    ],
)
def test_wrong_input_is_one_line_with_field_and_value(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        plan(**change)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_as_a_method_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        assert plan(methods=[text], seeds=1)


@given(st.lists(st.from_regex(r"[a-z]+(\([a-z]=[0-9](,[a-z]=\[1,2\])?\))?", fullmatch=True), min_size=1))
def test_split_names_undoes_joining(names: list[str]) -> None:
    assert split_names(",".join(names)) == names
