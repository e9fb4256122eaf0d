"""Plugins loaded one at a time, each proved to fulfil its contract; what fails is one line, never the end of the host.

stevedore does the loading. Its managers load whole groups, let the last of two equal names win, and pass on an
AssertionError or SystemExit of a plugin; so the manager here is given the one entry point that `entry_points.find`
chose, and every error of its import as one kind of exception, which stevedore hands to the callback.
"""

import contextlib
from importlib.metadata import EntryPoint
from inspect import isabstract
from typing import TYPE_CHECKING, Any, NoReturn

from robench.contracts import API_VERSION, Method
from robench.errors import FOREIGN, InputError, PluginError, RobenchError, first_line, unknown
from robench.registry.entry_points import Entry, entries, find
from robench.registry.kinds import KINDS
from robench.text import pick

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def load(kind: str, name: str) -> Any:
    """Import and return one plugin: the class of a method, the record of anything else.

    Args:
        kind: A key of `KINDS`, such as "method".
        name: As in `find`: `name`, `distribution:name` or `family/variant`.

    Raises:
        PluginError: It is unknown, ambiguous, fails to import, or does not fulfil its contract.

    Example:
        >>> load("suite", "digits-c").dataset
        'digits'
    """
    entry = _entry(kind, name)
    plugin, contract = _imported(entry), KINDS[kind].contract
    fits = issubclass(plugin, contract) if isinstance(plugin, type) else isinstance(plugin, contract)
    if not fits:
        raise PluginError(f"{_origin(entry)} is not a {contract.__name__}")
    if isabstract(plugin):
        raise PluginError(f"{_origin(entry)} leaves abstract: {', '.join(sorted(plugin.__abstractmethods__))}")
    if plugin.api_version != API_VERSION:
        way_out = f"install a release of {entry.distribution} made for API {API_VERSION}, or a robench that has theirs"
        origin, version = _origin(entry), plugin.api_version
        raise PluginError(f"{origin} is made for API {version!r}, this robench has {API_VERSION!r}; {way_out}")
    _check_variant(entry, plugin, name)
    return plugin


def _entry(kind: str, name: str) -> Entry:
    """Find an entry; where `name` is a variant of a family, the error says how that is written."""
    try:
        return find(kind, name)
    except PluginError:
        if (member := _member(kind, name)) is None:
            raise
        raise PluginError(f"{kind}: unknown {name!r}; did you mean {member!r}?") from None


def _member(kind: str, name: str) -> str | None:
    """Return `family/variant` for a variant of this name; what does not load has none."""
    if not KINDS[kind].has_families:
        return None
    for entry in entries(kind):
        with contextlib.suppress(PluginError):
            if name in _variants(load(kind, entry.qualified)):
                return f"{entry.name}/{name}"
    return None


def _variants(plugin: Any) -> "Sequence[str]":
    named = getattr(plugin, "variants", None)
    return named() if named else ()


def _check_variant(entry: Entry, plugin: Any, name: str) -> None:
    """Raise PluginError where `name` asks for a variant that there is not."""
    _, slash, variant = name.partition("/")
    if not slash:
        return
    if getattr(plugin, "variants", None) is None:
        raise PluginError(f"{entry.kind}: {entry.name!r} has no variants, so {name!r} is not one")
    if pick(variant, known := _variants(plugin)) is None:
        raise unknown(f"{entry.kind} {entry.name}", variant, known, PluginError)


class _FailedError(Exception):
    """Whatever the import of a plugin raised, as an exception that stevedore reports; its cause is the error."""


class _Point(EntryPoint):
    """An entry point whose `load` raises _FailedError for every error but a Ctrl-C."""

    def load(self) -> Any:
        try:
            return super().load()
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # an assert or sys.exit() in a plugin must not end the host
            raise _FailedError from error


def _imported(entry: Entry) -> Any:
    """Import what one entry point names; PluginError, with the error's first line, where that fails."""
    from stevedore import ExtensionManager  # takes 0.1 s, which listing need not pay

    class One(ExtensionManager[Any]):
        """A manager of the chosen entry point alone."""

        def list_entry_points(self) -> list[EntryPoint]:
            return [_Point(entry.point.name, entry.point.value, entry.point.group)]

    def refuse(manager: ExtensionManager[Any], point: EntryPoint, error: BaseException) -> NoReturn:
        cause = error.__cause__ or error
        raise PluginError(f"{_origin(entry)} failed to load: {first_line(cause)}") from cause

    return One(KINDS[entry.kind].group, on_load_failure_callback=refuse).extensions[0].plugin


def method(name: str, **options: Any) -> Method:
    """Construct a training method for use in any PyTorch loop.

    Args:
        name: A registered method, `distribution:name` where two packages register one name; options may follow in
            brackets, "rigl(sparsity=0.3)".
        options: Those that `robench show method NAME` lists; `preset=NAME` stands for several.

    Returns:
        The method; call `start`, then `before_step` and `after_step` around each step of the optimizer.

    Raises:
        PluginError: The name is unknown, or the constructor fails.
        InputError: An option is unknown or its value not allowed.

    Example:
        >>> method("rigl", sparsity=0.9).sparsity
        0.9
    """
    from robench.registry.options import validate
    from robench.registry.written import parse_plugin

    short, written = parse_plugin(name)
    if twice := sorted(written.keys() & options.keys()):
        raise InputError(f"{name!r}: {twice[0]!r} stands twice")
    return construct(short, validate(short, load("method", short), {**written, **options}))


def defaults(kind: str, name: str) -> "dict[str, Any] | None":
    """Return the options of a plugin with the values they have where none is given; None for a kind that takes none."""
    from robench.registry.options import validate

    plugin = load(kind, name)
    target = {"class": plugin, "build": getattr(plugin, "build", None), "fields": None}[KINDS[kind].shown_by]
    return None if target is None else validate(kind, target, {}, without=("variant",))


def construct(name: str, checked: "Mapping[str, Any]") -> Method:
    """Construct a method from options that `options.validate` returned; see `method`."""
    try:
        built: Method = load("method", name)(**checked)
    except RobenchError:
        raise
    except FOREIGN as error:
        raise PluginError(f"{_origin(find('method', name))} cannot be constructed: {first_line(error)}") from error
    return built


def _origin(entry: Entry) -> str:
    return f"{entry.kind}: {entry.name!r} of {entry.distribution}=={entry.version}"
