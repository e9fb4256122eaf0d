"""`robench check` and the status in `robench list plugins`."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from robench import registry, testing
from robench.cli import cli
from robench.errors import DataError, InputError, PluginError
from tests.helpers.distributions import install


def call(*args: str) -> Result:
    return CliRunner().invoke(cli, args, catch_exceptions=False, standalone_mode=False)


def test_a_sound_model_passes_law_by_law() -> None:
    result = call("check", "model", "cnn-small(width=4)")
    lines = result.output.splitlines()
    assert result.return_value == 0
    assert [line.split()[:2] for line in lines[1:-1]] == [["passed", check.name] for check in testing.model_checks()]
    assert lines[-1] == f"{len(testing.model_checks())} passed, 0 failed"


@pytest.mark.parametrize("as_json", [False, True])
def test_a_broken_law_is_named_with_what_was_seen(site: Path, as_json: bool) -> None:
    source = """
        import torch
        from robench.contracts import Model
        class Half(torch.nn.Linear):
            def forward(self, images): return super().forward(images.flatten(1)).half()
        def build(num_classes, in_channels, image_size): return Half(in_channels * image_size**2, num_classes)
        half = Model(name="half", build=build, recipe="sgd", reference="none")
    """
    install(
        site,
        "half_net",
        "\n".join(line[8:] for line in source.splitlines()),
        {"robench.models": {"half": "half_net:half"}},
    )
    result = call("check", "model", "half", *["--json"] * as_json)
    assert result.return_value == 1
    if as_json:
        failed = {row["check"]: row for row in json.loads(result.output) if not row["passed"]}
        assert failed["logits"]["seen"] == "3x32x32: logits are torch.float16"
        assert failed["logits"]["law"].startswith("Images of 1x32x32")
    else:
        assert any(line.split()[:2] == ["FAILED", "logits"] for line in result.output.splitlines())


@pytest.mark.parametrize(
    ("words", "error", "text"),
    [
        (["suites", "x"], InputError, "check: unknown 'suites'"),
        (["method"], InputError, "give the name of one method, or --all"),
        (["method", "rigl", "--all"], InputError, "give the name of one method, or --all"),
        (["method", "rigle"], PluginError, "did you mean 'rigl'"),
        (["method", "rigl(sparsity=2)"], InputError, "rigl: sparsity = 2 is not allowed"),
        (["model", "timm"], InputError, "it is a family; write timm/<variant>"),
        (["dataset", "digits(a=1)"], InputError, "takes no options"),
    ],
)
def test_wrong_input_is_named(words: list[str], error: type[InputError], text: str) -> None:
    with pytest.raises(error, match=text):
        call("check", *words)


def test_data_that_is_not_there_breaks_no_law(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        call("check", "dataset", "cifar10", "--data", str(tmp_path))


def test_all_goes_on_past_a_plugin_that_does_not_load(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(site, "broken", "raise RuntimeError('first\\nsecond')", {"robench.datasets": {"bad": "broken:bad"}})
    entries = {entry.name: entry for entry in registry.entries("dataset")}
    with monkeypatch.context() as patch:
        patch.setattr(registry, "entries", lambda kind: (entries["bad"], entries["digits"]))
        result = call("check", "dataset", "--all", "--json")
    rows = json.loads(result.stdout)
    assert result.return_value == 1
    assert [row["seen"] for row in rows if not row["passed"]] == [
        "dataset: 'bad' of broken==1.0 failed to load: RuntimeError: first"
    ]
    assert len(rows) == 1 + len(testing.dataset_checks())


def test_the_list_says_which_plugins_work_and_what_is_wrong_with_the_others(site: Path) -> None:
    sound = "from robench_methods.static import Static\nprint('hello')\nclass Good(Static): 'Good.'"
    install(site, "good", sound, {"robench.methods": {"good": "good:Good", "Set": "good:Good"}})
    install(site, "bad", "raise RuntimeError('first\\nsecond')", {"robench.methods": {"bad": "bad:Bad"}}, "2.0")
    unseen = json.loads(call("list", "plugins", "--json").stdout)
    assert {row["status"] for row in unseen if row["name"] in ("good", "bad")} == {"installed"}
    assert not {"good", "bad"} & set(sys.modules)
    listed = call("list", "plugins", "--check", "--json")
    rows = {row["distribution"] + ":" + row["name"]: row for row in json.loads(listed.stdout)}
    assert rows["good==1.0:good"]["status"] == "ok"
    assert rows["bad==2.0:bad"]["status"] == "error"
    assert rows["bad==2.0:bad"]["error"] == "method: 'bad' of bad==2.0 failed to load: RuntimeError: first"
    assert rows["good==1.0:Set"]["status"] == "ok"
    assert "robench: method 'Set' means robench's; that of good is written 'good:Set'\n" in listed.stderr
    assert {row["status"] for name, row in rows.items() if name.startswith("robench==")} == {"built in"}
