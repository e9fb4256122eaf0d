"""Methods as they are written, made into specs: one spec for every way to write one thing."""

from collections.abc import Mapping
from typing import Any

from robench import registry
from robench.errors import InputError
from robench.registry.options import describe, expanded, validate
from robench.registry.written import parse_plugin, write_plugin
from robench.runs.spec import PluginSpec, RunSpec


def method_of(name: str, options: Mapping[str, Any], above: tuple[str, ...] = ()) -> PluginSpec:
    """Return the spec of a method with every option it takes; an option that names a method is written in one way.

    `above` are the methods that follow it, each the next. Raises InputError or PluginError in one line.
    """
    spelled = registry.canonical("method", name)
    if spelled in above:
        raise InputError(f"method: {' follows '.join([*above, spelled])}, without end")
    own = PluginSpec(name=spelled, options=validate(f"method {spelled}", registry.load("method", name), options))
    written = registry.construct(name, own.options).follows
    if written is None:
        return own
    _, one_way = _resolved(own, written, (*above, spelled))
    changed = {option: one_way for option, value in own.options.items() if value == written}
    return PluginSpec(name=spelled, options={**own.options, **changed})


def followed(spec: RunSpec) -> PluginSpec | None:
    """Return the method whose run the method of `spec` follows, None where it follows none."""
    written = registry.method(spec.method.name, **spec.method.options).follows
    return None if written is None else _resolved(spec.method, written, (spec.method.name,))[0]


def _resolved(own: PluginSpec, written: str, above: tuple[str, ...]) -> tuple[PluginSpec, str]:
    """Return the method that `own` follows, and the one way to write it.

    It gets the options that both have from `own`, save the one that names it and defaults that it does not allow: those
    nobody wrote. What it gets so, and what is its default, is not written. Raises InputError where it was given another
    value of its own.
    """
    name, options = parse_plugin(written)
    target = registry.load("method", name)
    given = expanded(f"method {name}", target, options)
    alone, defaults = validate(f"method {name}", target, given), validate(name, target, {})
    own_defaults = validate(own.name, registry.load("method", own.name), {})
    shared = {option.name for option in describe(target)} & own.options.keys()
    passed = {}
    for option in sorted(shared):
        value = own.options[option]
        if value == written or (value == own_defaults.get(option) and not _allows(target, option, value)):
            continue
        if option in given and alone.get(option) != value:
            raise InputError(
                f"{own.name}: {written!r} has {option} of its own; give it to {own.name}, which passes it on"
            )
        passed[option] = value
    found = method_of(name, {**given, **passed}, above)
    kept = {key: value for key, value in found.options.items() if key not in passed and value != defaults.get(key)}
    return found, write_plugin(found.name, kept)


def _allows(target: Any, option: str, value: Any) -> bool:
    try:
        validate(option, target, {option: value})
    except InputError:
        return False
    return True
