"""The script that measures the engine runs, at the smallest size."""

import runpy
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "speed" / "engine.py"


def test_it_prints_both_ratios(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--rounds=1", "--steps=1", "--batch=8", "--model=mlp", "--threads=1"]
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *words])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    printed = capsys.readouterr().out
    assert "training loop / bare loop" in printed
    assert "evaluation / forward only" in printed
