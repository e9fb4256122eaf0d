"""The JSON Schema that ships with the package says what `--format json` prints."""

import json
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from robench.report.json import SCHEMA, render, schema
from tests.helpers.boards import hostile, two_models, usual

SHIPPED = json.loads((files("robench.report") / SCHEMA).read_text())


def test_the_file_is_what_the_model_says():
    assert schema() == SHIPPED  # made by json.dumps(schema(), indent=1)
    Draft202012Validator.check_schema(SHIPPED)


@pytest.mark.parametrize("boards", [[usual()], [hostile()], [two_models()], [usual(), two_models()], []])
def test_what_is_printed_is_valid(boards):
    Draft202012Validator(SHIPPED).validate(json.loads(render(boards)))


@pytest.mark.parametrize(
    "change", [{"alpha": "0.05"}, {"rows": [{"rank": 1}]}, {"surprise": 1}, {"source": "both"}, {"n_min": None}]
)
def test_what_is_not_a_board_is_not_valid(change):
    with pytest.raises(ValidationError):
        Draft202012Validator(SHIPPED).validate({**json.loads(render([usual()])), **change})
