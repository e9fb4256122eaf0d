"""What a method says of itself."""

import inspect
import math
from typing import Any

from robench.contracts import API_VERSION, Method
from robench.errors import InputError
from robench.registry.options import describe, validate
from robench.testing.check import check, ensure
from robench.testing.method.trial import construct


@check()
def declaration(cls: type[Method], **options: Any) -> str:
    """The class is a concrete Method with a docstring, made for this API, and does nothing before `start`."""
    ensure(isinstance(cls, type) and issubclass(cls, Method), f"{cls!r} is not a class derived from Method")
    ensure(not inspect.isabstract(cls), f"{cls.__name__} leaves abstract: {sorted(cls.__abstractmethods__)}")
    text = cls.__doc__ or ""
    ensure(text.strip() and not text.startswith(f"{cls.__name__}("), f"{cls.__name__} has no docstring")
    ensure(cls.api_version == API_VERSION, f"api_version is {cls.api_version}, this robench has {API_VERSION}")
    method = construct(cls, options)
    ensure(not method.masks and method.updates == 0, "there are masks or updates before start()")
    return f"API {cls.api_version}, {cls.role}"


@check()
def option_types(cls: type[Method], **options: Any) -> str:
    """Every option is keyword-only with a default and a type that refuses other values; sparsity lies in [0, 1)."""
    for parameter in inspect.signature(cls).parameters.values():
        ensure(parameter.kind is parameter.KEYWORD_ONLY, f"{parameter.name} is not keyword-only")
    for option in describe(cls):
        ensure(_refused(cls, option.name, {"any": ["thing"]}), f"{option.name} takes any value; give it a type")
    if any(option.name == "sparsity" for option in describe(cls)):
        for value in (1.0, -0.1, math.nan):
            ensure(_refused(cls, "sparsity", value), f"sparsity = {value} is taken; its type is robench's Sparsity")
    ensure(_refused(cls, "no_such_option", 0), "an option that does not exist is taken")
    return ", ".join(option.name for option in describe(cls)) or "no options"


def _refused(cls: type[Method], option: str, value: Any) -> bool:
    try:
        validate(cls.__name__, cls, {option: value})
    except InputError:
        return True
    return False
