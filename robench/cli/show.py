"""`robench show`: one thing with everything that can be set on it."""

import inspect
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from robench.cli import completion
from robench.cli.command import Command
from robench.cli.options import DATA, STORE, unused
from robench.errors import InputError, unknown
from robench.registry import KINDS

_FILE = {"path", "digest", "size"}
_LONG = ("members", "mirrors", "digest", "size", "sha256")
"""Fields that only programs read."""
_MANY = 6


KNOWN = (*KINDS, "spec", "recipe", "run")


def _names(context: click.Context) -> list[str]:
    kind = context.params.get("kind", "")
    return completion.shipped(kind) if kind in ("spec", "recipe") else completion.registered(kind)


@click.command(cls=Command, example="robench show method rigl")
@click.argument("kind", shell_complete=completion.names(lambda context: KNOWN))
@click.argument("name", shell_complete=completion.names(_names))
@STORE
@click.option("--json", "as_json", is_flag=True, help="Print every detail as JSON: digests, cells, layers.")
@click.option("--save", type=click.Path(path_type=Path), help="Draw a corruption or a suite as a contact sheet, .png.")
@click.option("--preset", show_default="its first", help="Severity table of the corruption drawn.")
@click.option("--severities", show_default="all", help="Severities drawn: 1,3,5.")
@DATA
def command(kind: str, name: str, store: Path | None, as_json: bool, save: Path | None, **drawing: Any) -> None:
    """Show a method, model, corruption, dataset, suite, metric, spec, recipe or run: what it is and its options."""
    if kind not in KNOWN:
        raise unknown("show", kind, KNOWN)
    if kind != "run":
        unused({"store": store}, f"goes with a run, not with a {kind}")
    if save is not None:
        unused({"json": as_json or None}, "not with --save, which draws")
        _draw(kind, name, save, **drawing)
        return
    unused(drawing, "goes with --save FILE.png, which draws a corruption or a suite")
    if kind in ("spec", "recipe"):
        from robench.benchmarks import named

        _print(named(kind, name), as_json)
    elif kind == "run":
        _print_run(name, store, as_json)
    else:
        _print_plugin(kind, name, as_json)


def _draw(kind: str, name: str, save: Path, preset: str | None, severities: str | None, data: Path | None) -> None:
    from robench.analysis import contact_sheet, samples

    drawn = [name for name, each in KINDS.items() if each.drawable]
    if kind not in drawn:
        raise InputError(f"save: a {kind} cannot be drawn; {' and '.join(drawn)} can")
    if kind == "suite" and preset is not None:
        raise InputError(f"preset: {preset!r}; a suite is drawn at its own")
    contact_sheet.check_place(save)
    numbers = None if severities is None else _numbers(severities)
    if kind == "suite":
        sheet = samples.of_suite(name, numbers, data, lambda text: click.echo(text, err=True))
    else:
        sheet = samples.of_corruption(name, preset, numbers, data)
    picture = contact_sheet.draw(sheet)
    contact_sheet.save(picture, save)
    click.echo(f"{save}: {len(sheet.rows)} x {len(sheet.columns)} images, {picture.width} x {picture.height} pixels")


def _numbers(text: str) -> list[int]:
    words = [word.strip() for word in text.split(",")]
    if not all(word.isdecimal() for word in words):
        raise InputError(f"severities: {text!r}; expected whole numbers separated by commas, such as 1,3,5")
    return [int(word) for word in words]


def _print_plugin(kind: str, name: str, as_json: bool) -> None:
    from robench import registry

    plugin, entry = registry.load(kind, name), registry.find(kind, name)
    shown_by = KINDS[kind].shown_by
    target = {"class": plugin, "build": getattr(plugin, "build", None), "fields": None}[shown_by]
    facts = {} if shown_by == "class" else _facts(plugin)
    if as_json:
        _print({"kind": kind, "name": entry.name, **facts, "options": _options(target)}, as_json)
        return
    click.echo(f"{entry.name}  ({kind} of {entry.distribution}=={entry.version})")
    if target and (text := inspect.getdoc(target)):
        click.echo(f"\n{text}")
    if facts:
        click.echo()
        _print({field: _short(value) for field, value in facts.items()}, as_json)
    _print_options(_options(target))
    _print_presets(getattr(plugin, "presets", {}) if shown_by == "class" else {})


def _options(target: Any) -> list[dict[str, Any]]:
    """Return name, type and default of each option that a class or a function takes."""
    from robench.registry.options import describe

    return [asdict(option) for option in describe(target, without=("variant",))] if target else []


def _print_options(options: list[dict[str, Any]]) -> None:
    if not options:
        return
    click.echo("\noptions:")
    width = max(len(option["name"]) for option in options)
    for option in options:
        click.echo(f"  {option['name']:<{width}}  {option['type']}  [{option['default']}]")


def _print_presets(presets: Any) -> None:
    if presets:
        click.echo("\npresets (preset=NAME; options given beside it win):")
    for name, preset in presets.items():
        options = ", ".join(f"{option}={value}" for option, value in preset.options.items())
        click.echo(f"  {name}: {options}\n      {preset.source}")


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


def _short(value: Any) -> Any:
    """Return a value as people read it: of files and downloads which they are, without sizes and digests."""
    if isinstance(value, dict):
        if value.keys() >= _FILE:
            return value["path"]
        kept = {key: _short(item) for key, item in value.items() if key not in _LONG}
        paths = list(kept.values())
        if len(paths) > _MANY and all(isinstance(path, str) for path in paths):
            return f"{len(paths)} files, {paths[0]} to {paths[-1]}"
        return kept
    if isinstance(value, list):
        return [_short(item) for item in value]
    return value


def _print(values: dict[str, Any], as_json: bool) -> None:
    import yaml

    if as_json:
        click.echo(json.dumps(values, indent=1, default=str))
        return
    text = yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None)
    click.echo(text, nl=False)


def _print_run(name: str, store: Path | None, as_json: bool) -> None:
    from robench.runs.folder import SPEC
    from robench.runs.store import Store, default_root

    place = Store(store or default_root())
    found = place.starting_with(name)
    if len(found) != 1:
        raise InputError(f"run: {len(found)} runs of {place.root} begin with {name!r}")
    record = place.record(found[0])
    if record is None:
        spec = json.loads((place.folder(found[0]) / SPEC).read_text())
        _print(spec if as_json else {"id": found[0], "status": "unfinished", **_without_versions(spec)}, as_json)
        return
    values = record.model_dump(mode="json")
    _print(values if as_json else _main_facts(values), as_json)


def _main_facts(record: dict[str, Any]) -> dict[str, Any]:
    """Return what people ask of a record: what was run, what came out, what it cost, where it was made."""
    facts = {field: record[field] for field in ("id", "status")}
    facts |= _without_versions(record["spec"])
    for field in ("metrics", "cost", "topology", "environment"):
        facts[field] = {
            key: value for key, value in (record[field] or {}).items() if not isinstance(value, list | dict)
        }
    if record.get("failure"):
        facts["failure"] = record["failure"]
    return facts


def _without_versions(spec: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key != "versions" and value is not None}
