"""What is read from outside: the base of records and specs, and the one line that says what is wrong with a value."""

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationError,
)

from robench.errors import InputError

Checked = TypeVar("Checked", bound=BaseModel)


def checked(field: str, model: type[Checked], given: Mapping[str, Any]) -> Checked:
    """Return the model of these values; InputError naming `field`, the place, the value and what is allowed.

    Numbers may be written as text, as on a command line, but true and false are no numbers.
    """
    try:
        built = model.model_validate(dict(given))
    except ValidationError as error:
        raise InputError(f"{field}: {explain(error)}") from None
    for name, value in given.items():
        if isinstance(value, bool) and not isinstance(getattr(built, name), bool):
            raise InputError(f"{field}: {name} = {value} is not allowed: Input should not be true or false")
    return built


def explain(error: ValidationError) -> str:
    """Put the first problem of a pydantic error into one line: place, value, what is allowed."""
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"]) or "value"
    if first["type"] == "missing":
        return f"{place} is missing"
    value = repr(first["input"])
    shown = value if len(value) <= 60 else value[:57] + "..."
    return f"{place} = {shown} is not allowed: {first['msg'].removeprefix('Value error, ')}"


class Frozen(BaseModel):
    """Base of the specs: immutable, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
