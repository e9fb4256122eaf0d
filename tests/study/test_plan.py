"""From a grid to runs, and every wrong input in one line."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robench.errors import InputError
from robench.registry.written import parse_plugin
from robench.runs.spec import RunSpec
from robench.study.grid import read_grid, split_names
from robench.study.plan import expand

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


def test_options_that_are_not_given_stay_out_of_the_spec() -> None:
    assert plan(methods=["dense"], models=["mlp"])[0].method.options == {}
    assert plan(models=["mlp"])[0].model.options == {"width": 512, "depth": 2}
    (wide, *_) = plan(models=["mlp(widths=[20, 10])"])
    assert wide.model.options == {"width": 512, "depth": 2, "widths": [20, 10]}


def test_ids_do_not_change() -> None:
    """Whoever has a store keeps it: these ids were made by the first release's plan."""
    grid = {"suite": "digits-c", "models": ["cnn-small", "vit-tiny"], "methods": "dense,static,rigl", "seeds": 1}
    assert [spec.id for spec in expand(read_grid(grid, "test"), data=Path("nowhere"))] == [
        "8aa782b2b1e28525", "d08cab3c7ab7b647", "d3ed1defa78664d7",
        "bf0aa28746b915b8", "f47c067c021e36ea", "59051edf899f3952",
    ]  # fmt: skip


def test_a_run_that_is_followed_is_planned_before_the_one_that_follows() -> None:
    rigl, replay = plan(methods=["replay"], seeds=1, sparsity=[0.3])
    assert (rigl.method.name, rigl.sparsity, rigl.follows) == ("rigl", 0.3, None)
    assert (replay.method.name, replay.sparsity, replay.follows) == ("replay", 0.3, rigl.id)
    assert replay.method.options == {"sparsity": 0.3, "distribution": "erk", "of": "rigl"}
    assert rigl == plan(methods=["rigl"], seeds=1, sparsity=[0.3])[0]
    assert [spec.method.name for spec in plan(methods=["replay", "rigl", "dense"], seeds=1)] == [
        "rigl",
        "replay",
        "dense",
    ]


def test_runs_that_follow_each_other_are_planned_in_order() -> None:
    names = [(s.method.name, s.follows) for s in plan(methods=["replay(of=dense-to-static)"], seeds=1)]
    assert [name for name, _ in names] == ["dense", "dense-to-static", "replay"]
    ids = [spec.id for spec in plan(methods=["replay(of=dense-to-static)"], seeds=1)]
    assert [follows for _, follows in names] == [None, *ids[:2]]


def test_the_followed_run_has_the_options_that_both_have() -> None:
    written = "replay(of='rigl(update_interval=7, drop_fraction=0.4)', distribution=uniform)"
    rigl, _ = plan(methods=[written], seeds=1, sparsity=[0.9])
    assert rigl.method.options | {"update_interval": 7, "drop_fraction": 0.4, "sparsity": 0.9} == rigl.method.options
    assert rigl.method.options["distribution"] == "uniform"
    dense, follower = plan(methods=["dense-to-static"], seeds=1, sparsity=[0.9])
    assert (dense.method.options, follower.sparsity) == ({}, 0.9)


def test_a_followed_run_enters_the_id_and_not_the_table() -> None:
    _, one = plan(methods=["replay(of='rigl(update_interval=7)')"], seeds=1)
    _, two = plan(methods=["replay(of='rigl(update_interval=8)')"], seeds=1)
    assert one.id != two.id
    assert one.setting == two.setting == plan(methods=["rigl"], seeds=1)[0].setting
    assert RunSpec.model_validate(one.model_dump(mode="json")) == one
    assert "follows" not in plan(methods=["rigl"], seeds=1)[0].model_dump(mode="json")


def test_a_suite_has_a_model_of_its_own() -> None:
    assert plan(models=None)[0].model.name == "cnn-small"


def test_a_family_of_models_takes_a_variant() -> None:
    assert plan(models=["timm/resnet10t"])[0].model.name == "timm/resnet10t"


def test_corruptions_by_set_and_by_name() -> None:
    assert len(plan()[0].corruptions) == 15
    assert len(plan(corruptions="all")[0].corruptions) == 19
    assert plan(corruptions=["fog", "snow", "fog"], severities=[5, 1])[0].cells == (
        ("snow", 1), ("snow", 5), ("fog", 1), ("fog", 5),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"suite": ["cifar10-c"]}, "suite: unknown 'cifar10-c'; did you mean 'cifar10c'?"),
        ({"methods": ["riggl"]}, "method: unknown 'riggl'; did you mean 'rigl'?"),
        ({"models": ["resnet21"]}, "model: unknown 'resnet21'; did you mean 'resnet20'?"),
        ({"models": ["timm/resnet10tt"]}, "model timm: unknown 'resnet10tt'; did you mean 'resnet10t'?"),
        ({"models": ["mlp/large"]}, "model: 'mlp' has no variants, so 'mlp/large' is not one"),
        ({"suite": ["digits-c/x"]}, "suite: 'digits-c' has no variants"),
        ({"methods": ["rigl/x"]}, "method: 'rigl' has no variants"),
        ({"models": ["timm"]}, "model: 'timm' is a family; write timm/<variant>"),
        ({"models": ["timm/@"]}, " more"),
        ({"methods": ["rigl(sparsity=0.1, sparsity=0.2)"]}, "'sparsity' stands twice"),
        ({"methods": ["rigl(sparsity={a: 1, a: 2})"]}, "cannot read the value of 'sparsity'"),
        ({"methods": [f"rigl(sparsity={3000 * '['}{3000 * ']'})"]}, "cannot read the value of 'sparsity'"),
        ({"methods": ["rigl(preset=[1])"]}, "method rigl preset: unknown '[1]'"),
        ({"methods": ["rigl(update_interval=true)"]}, "update_interval = True is not allowed"),
        ({"seeds": True}, "test: seeds = True is not allowed"),
        ({"training": {"epochs": True}}, "training: epochs = True is not allowed"),
        ({"training": 3}, "training = 3 is not allowed"),
        ({"methods": ["rigl(drop=0.1)"]}, "method rigl option: unknown 'drop'"),
        ({"methods": ["rigl(sparsity=)"]}, "'sparsity' has no value"),
        ({"methods": ["rigl(0.1)"]}, "'0.1' is not option=value"),
        ({"methods": ["rigl(sparsity=0.1"]}, "the bracket is not closed"),
        ({"methods": ["rigl(sparsity=2)"]}, "method rigl: sparsity = 2 is not allowed"),
        ({"methods": ["dense(sparsity=0.1)"]}, "method dense option: unknown 'sparsity'"),
        ({"methods": []}, "methods"),
        ({"methods": [3]}, "methods.0 = 3 is not allowed: a name is expected, or one name with its options"),
        ({"methods": [{"rigl": 3}]}, "methods.0 = {'rigl': 3} is not allowed: a name is expected"),
        ({"methods": [{"rigl": {}, "set": {}}]}, "a name is expected, or one name with its options"),
        ({"sparsity": [1.2]}, "sparsity.0 = 1.2 is not allowed: Input should be less than 1"),
        ({"sparsity": [-1]}, "sparsity.0 = -1 is not allowed"),
        ({"seeds": 0}, "seeds = 0 is not allowed: a number of seeds, 1 to 1000000, or a list"),
        ({"seeds": [-1]}, "seeds.0 = -1 is not allowed: Input should be greater than or equal to 0"),
        ({"seeds": []}, "seeds = [] is not allowed"),
        ({"seeds": ","}, "seeds = [] is not allowed"),
        ({"seeds": [True]}, "seeds = [True] is not allowed: true and false are no numbers"),
        ({"severities": [True]}, "severities = [True] is not allowed: true and false are no numbers"),
        ({"sparsity": False}, "sparsity = False is not allowed: true and false are no numbers"),
        ({"seeds": "many"}, "seeds = 'many' is not allowed"),
        ({"epochs": 3}, "test: field: unknown 'epochs'"),
        ({"training": {"epoch": 3}}, "training: unknown 'epoch'; did you mean 'epochs'?"),
        ({"training": {"epochs": 0}}, "training: epochs = 0 is not allowed"),
        ({"training": {"learning_rate": float("nan")}}, "learning_rate"),
        ({"recipe": ""}, "recipe: unknown ''"),
        ({"recipe": "quik"}, "recipe: unknown 'quik'; did you mean 'quick'?"),
        ({"corruptions": ["fogg"]}, "did you mean 'fog'?"),
        ({"corruptions": []}, "corruptions = [] is not allowed: standard, all, or names are expected"),
        ({"corruptions": [5]}, "corruptions = [5] is not allowed: standard, all, or names are expected"),
        ({"severities": [6]}, "severities.0 = 6 is not allowed"),
        ({"baseline": "static"}, "baseline: 'static' is not one of the methods asked for"),
        ({"train_limit": 0}, "train_limit"),
        ({"training": {"epochs": 6, "warmup_epochs": 7}}, "training: warmup_epochs = 7 is above epochs = 6"),
        ({"methods": ["replay(of=riggl)"]}, "method: unknown 'riggl'; did you mean 'rigl'?"),
        ({"methods": ["replay(of='rigl(sparsity=0.2)')"]}, "has sparsity of its own; give it to replay"),
        ({"methods": ["replay(of=replay)"]}, "replay follows replay, without end"),
        ({"models": ["mlp(widths=[3, 0])"]}, "model mlp: widths.1 = 0 is not allowed"),
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
