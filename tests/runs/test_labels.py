"""Labels: no two runs read alike, and what a person wrote is what tells them apart."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from robench.runs.labels import Labels, run_labels
from robench.runs.spec import RunSpec
from tests.helpers.records import make_spec

RIGL = {"update_interval": 100, "drop_fraction": 0.3}
DEFAULTS = {"method": {"sparsity": 0.5, **RIGL}, "model": {"width": 16}}


def labels(*specs: RunSpec, defaults: Any = DEFAULTS) -> list[str]:
    found = run_labels([(spec, defaults) for spec in specs])
    return [found[spec.id] for spec in specs]


def test_every_option_that_differs_is_shown() -> None:
    runs = [make_spec(options={**RIGL, "update_interval": value}) for value in (100, 50, 200)]
    assert labels(*runs, defaults={}) == [
        f"digits-c cnn-small rigl(update_interval={value}) 0.5 seed 0" for value in (100, 50, 200)
    ]


def test_what_is_not_the_default_is_shown_of_a_single_run() -> None:
    assert labels(make_spec(options=RIGL, model_options={"width": 16})) == ["digits-c cnn-small rigl 0.5 seed 0"]
    changed = make_spec(options={**RIGL, "drop_fraction": 0.5}, model_options={"width": 32})
    assert labels(changed) == ["digits-c cnn-small(width=32) rigl(drop_fraction=0.5) 0.5 seed 0"]


def test_a_run_without_known_defaults_has_those_of_the_same_plugin_and_version() -> None:
    done, planned = (make_spec(seed=seed, model_options={"width": 32}) for seed in (0, 1))
    found = run_labels([(done, DEFAULTS), (planned, {})])
    assert found[planned.id] == "digits-c cnn-small(width=32) rigl 0.5 seed 1"
    newer = make_spec(seed=1, model_options={"width": 32}, versions={"model:cnn-small": "robench==0.2.0"})
    assert "width" not in run_labels([(done, DEFAULTS), (newer, {})])[newer.id]


def test_recipe_and_limits_are_shown_where_they_differ() -> None:
    assert labels(make_spec(epochs=2), make_spec(epochs=200)) == [
        "digits-c cnn-small rigl 0.5 seed 0 epochs=2",
        "digits-c cnn-small rigl 0.5 seed 0 epochs=200",
    ]
    limited = labels(make_spec(test_limit=20), make_spec())
    assert limited == [f"digits-c cnn-small rigl 0.5 seed 0 test_limit={limit}" for limit in ("20", "null")]
    assert labels(make_spec(epochs=2), make_spec(epochs=3, model="mlp"))[0] == "digits-c cnn-small rigl 0.5 seed 0"


def test_versions_tell_twins_apart() -> None:
    newer = make_spec(versions={"method:rigl": "robench==0.2.0"})
    assert labels(make_spec(), newer) == [
        "digits-c cnn-small rigl 0.5 seed 0 robench==0.1.0",
        "digits-c cnn-small rigl 0.5 seed 0 robench==0.2.0",
    ]


def test_a_row_shows_what_tells_it_apart_and_the_rest_is_told_once() -> None:
    spec = make_spec(options={**RIGL, "update_interval": 10}, model_options={"width": 32})
    found = Labels([(spec, DEFAULTS)])
    assert (found.model(spec), found.row(spec), found.unusual(spec)) == (
        "cnn-small(width=32)",
        "rigl",
        {"update_interval": 10},
    )
    assert Labels([(spec, {})]).unusual(spec) is None


VALUES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
OPTIONS = st.dictionaries(
    st.sampled_from(["a", "b", "sparsity=0.5"]),
    VALUES | st.text(max_size=3) | st.lists(VALUES, max_size=2) | st.sampled_from(["1", "true", "0.5", "1, b=1"]),
    max_size=2,
)
SPECS = st.builds(
    make_spec,
    st.sampled_from(["rigl", "set", "rigl(a=1)"]),
    st.integers(0, 1),
    sparsity=st.sampled_from([0.0, 0.1, 0.1 + 1e-12]),
    options=OPTIONS,
    model_options=OPTIONS,
    epochs=st.integers(1, 2),
    test_limit=st.none() | st.integers(1, 2),
    corruptions=st.sampled_from([("fog",), ("fog", "snow"), tuple("abcde"), tuple("abcdf")]),
)


@given(st.lists(st.tuples(SPECS, st.sampled_from([{}, DEFAULTS, {"method": {"a": 1}}])), min_size=2, max_size=6))
def test_no_two_runs_have_one_label(runs: list[tuple[RunSpec, Any]]) -> None:
    found = run_labels(runs)
    assert len(set(found.values())) == len(found) == len({spec.id for spec, _ in runs})
