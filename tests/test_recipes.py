"""The training recipes that ship with robench."""

from pathlib import Path

import pytest
import yaml

from robench.runs.spec import Training

RECIPES = sorted((Path(__file__).parents[1] / "benchmarks" / "recipes").glob("*.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_valid_and_has_a_source(path):
    recipe = yaml.safe_load(path.read_text())
    assert recipe.pop("source").strip()
    training = Training(**recipe)
    assert training.warmup_epochs < training.epochs
