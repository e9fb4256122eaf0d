"""`robench show`: one thing with everything that can be set on it."""

import inspect
import json
from pathlib import Path
from typing import Any

import click

from robench.cli.options import STORE
from robench.errors import InputError, unknown

KINDS = ("method", "model", "corruption", "dataset", "suite", "spec", "recipe", "run")


@click.command
@click.argument("kind")
@click.argument("name")
@STORE
def command(kind: str, name: str, store: Path | None) -> None:
    """Show a method, model, corruption, dataset, suite, spec, recipe or run: what it is and its options."""
    if kind not in KINDS:
        raise unknown("show", kind, KINDS)
    if kind in ("spec", "recipe"):
        from robench.resources import named

        _print_yaml(named(kind, name))
    elif kind == "run":
        _print_run(name, store)
    else:
        _print_plugin(kind, name)


def _print_plugin(kind: str, name: str) -> None:
    from robench import registry

    plugin, entry = registry.load(kind, name), registry.find(kind, name)
    click.echo(f"{entry.name}  ({kind} of {entry.distribution}=={entry.version})")
    target = plugin if isinstance(plugin, type) else getattr(plugin, "build", None)
    text = inspect.getdoc(target) if target else None
    if text:
        click.echo(f"\n{text}")
    if not isinstance(plugin, type):
        click.echo()
        _print_yaml(_facts(plugin))
    if target:
        _print_options(target)


def _print_options(target: Any) -> None:
    from robench.options import describe

    options = describe(target, without=("variant",))
    if not options:
        return
    click.echo("\noptions:")
    width = max(len(option.name) for option in options)
    for option in options:
        click.echo(f"  {option.name:<{width}}  {option.type}  [{option.default}]")


def _facts(plugin: Any) -> dict[str, Any]:
    """Return the plain fields of a record; functions and long tables are left out."""
    facts = {name: _plain(value) for name, value in vars(plugin).items() if not callable(value)}
    return {name: value for name, value in facts.items() if value not in (None, (), [], {})}


def _plain(value: Any) -> Any:
    if hasattr(value, "__dataclass_fields__"):
        return _facts(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value if isinstance(value, bool | int | float | str | type(None)) else str(value)


def _print_yaml(values: dict[str, Any]) -> None:
    import yaml

    click.echo(yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100), nl=False)


def _print_run(name: str, store: Path | None) -> None:
    from robench.store import Store, default_root, read_record

    place = Store(store or default_root())
    runs = place.root / "runs"
    found = sorted(path for path in runs.iterdir() if path.name.startswith(name)) if runs.is_dir() else []
    if len(found) != 1:
        raise InputError(f"run: {len(found)} runs of {place.root} begin with {name!r}")
    if not (found[0] / "record.json").exists():
        click.echo((found[0] / "spec.json").read_text(), nl=False)
        return
    click.echo(json.dumps(read_record(found[0]).model_dump(mode="json"), indent=1))
