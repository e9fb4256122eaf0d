"""Options of a plugin, read from the signature that takes them: one source for checking, help and hashing."""

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel, ConfigDict, create_model

from robench.contracts.options import PresetOptions
from robench.errors import PluginError, unknown
from robench.schema import checked
from robench.text import pick

_SIGNS = {Ge: (">=", "ge"), Gt: (">", "gt"), Le: ("<=", "le"), Lt: ("<", "lt")}


@dataclass(frozen=True)
class Option:
    """One keyword-only parameter: `type` is text such as `float >= 0, < 1`, `default` the value used if absent."""

    name: str
    type: str
    default: Any


def describe(target: Callable[..., Any], without: tuple[str, ...] = ()) -> list[Option]:
    """List the options that `target` (a class or a function) takes, except those named in `without`."""
    return [Option(name, _text(hint), default) for name, (hint, default) in _fields(target, without).items()]


def validate(
    field: str, target: Callable[..., Any], given: Mapping[str, Any], without: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return every option of `target` with its checked value, defaults filled in, as plain JSON values.

    An option that is None is left out: None means not given, so an option added with that default keeps old run ids.
    `preset=NAME` stands for the options of `target.presets[NAME]`; options given beside it win.
    Raises InputError naming `field`, the option, the value and what is allowed.
    """
    fields = _fields(target, without)
    given = expanded(field, target, given)
    for name in given:
        if name not in fields:
            raise unknown(f"{field} option", str(name), fields)
    config = ConfigDict(extra="forbid", allow_inf_nan=False)
    model: type[BaseModel] = create_model("Options", __config__=config, **fields)
    return checked(field, model, given).model_dump(mode="json", exclude_none=True)


def expanded(field: str, target: Callable[..., Any], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the options given with those that `preset=NAME` stands for in its place; InputError for an unknown one."""
    presets: Mapping[str, PresetOptions] = getattr(target, "presets", {})
    if not presets or "preset" not in given:
        return given
    name, rest = given["preset"], {key: value for key, value in given.items() if key != "preset"}
    meant = pick(str(name), presets)
    if meant is None:
        raise unknown(f"{field} preset", str(name), presets)
    return {**presets[meant].options, **rest}


def _fields(target: Callable[..., Any], without: tuple[str, ...]) -> dict[str, Any]:
    hints = typing.get_type_hints(target, include_extras=True)
    fields = {}
    for name, parameter in inspect.signature(target).parameters.items():
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY or name in without:
            continue
        if parameter.default is inspect.Parameter.empty:
            raise PluginError(f"{target.__qualname__}: option {name!r} has no default")
        fields[name] = (hints.get(name, Any), parameter.default)
    return fields


def _text(hint: Any) -> str:
    if typing.get_origin(hint) is typing.Annotated:
        base, *limits = typing.get_args(hint)
        signs = [f"{_SIGNS[type(x)][0]} {getattr(x, _SIGNS[type(x)][1])}" for x in limits if type(x) in _SIGNS]
        return " ".join([_text(base), ", ".join(signs)]).strip()
    if typing.get_origin(hint) is typing.Literal:
        return " | ".join(map(str, typing.get_args(hint)))
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return " | ".join(map(_text, typing.get_args(hint)))
    if typing.get_origin(hint) is tuple:
        return f"list of {_text(typing.get_args(hint)[0])}"
    if hint is types.NoneType:
        return "none"
    return hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)
