"""What is read from outside: the base of records and specs, and the one line that says what is wrong with a value."""

from collections.abc import Mapping
from numbers import Integral, Real
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

    Numbers may be written as text, as on a command line, or be NumPy's, but true and false are no numbers. What is
    equal comes out equal: -0 as 0, and 1.0 as 1 where both are allowed.
    """
    plain = {name: _plain(value) for name, value in given.items()}
    try:
        built = model.model_validate(plain)
        built = model.model_validate(_whole(built.model_dump(exclude_unset=True)))
    except ValidationError as error:
        raise InputError(f"{field}: {explain(error)}") from None
    for name, value in plain.items():
        if _truths(value) > _truths(getattr(built, name)):
            raise InputError(f"{field}: {name} = {value} is not allowed: true and false are no numbers")
    return built


def whole(field: str, value: Any, least: int | None = None, most: int | None = None) -> int:
    """Return a whole number, Python's or NumPy's, from `least` to `most`; InputError for another, and for true.

    Example:
        >>> whole("severity", True, 1, 5)
        Traceback (most recent call last):
        ...
        robench.errors.InputError: severity: True; expected a whole number from 1 to 5
    """
    span = "" if least is None else f", {least} or more" if most is None else f" from {least} to {most}"
    if isinstance(value, Integral) and not isinstance(value, bool):
        number = int(value)
        if (least is None or number >= least) and (most is None or number <= most):
            return number
    raise InputError(f"{field}: {value!r}; expected a whole number{span}")


def real(field: str, value: Any, least: float) -> float:
    """Return a number of `least` or more, Python's or NumPy's; InputError for another, for true and for NaN.

    Example:
        >>> real("seconds", float("nan"), 0)
        Traceback (most recent call last):
        ...
        robench.errors.InputError: seconds: nan; expected a number, 0 or more
    """
    if isinstance(value, Real) and not isinstance(value, bool) and float(value) >= least:
        return float(value)
    raise InputError(f"{field}: {value!r}; expected a number, {least:g} or more")


def _plain(value: Any) -> Any:
    """Return Python's numbers and lists for those of NumPy."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(item) for item in value]
    return value.tolist() if hasattr(value, "tolist") else value


def _whole(value: Any) -> Any:
    """Write whole floats as integers: a field of floats reads them as floats again, any other tells no two apart."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _whole(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_whole(item) for item in value]
    return value


def _truths(value: Any) -> int:
    """Count the truth values in plain data."""
    if isinstance(value, dict | list | tuple):
        return sum(map(_truths, value.values() if isinstance(value, dict) else value))
    return isinstance(value, bool)


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
