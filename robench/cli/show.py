"""`robench show`: one thing with everything that can be set on it."""

import inspect
import json
from pathlib import Path
from typing import Any

import click

from robench.cli.options import DATA, STORE
from robench.errors import InputError, unknown
from robench.registry import KINDS


@click.command
@click.argument("kind")
@click.argument("name")
@STORE
@click.option("--save", type=click.Path(path_type=Path), help="Draw a corruption or a suite as a contact sheet, .png.")
@click.option("--preset", help="Severity table of the corruption drawn [its first].")
@click.option("--severities", help="Severities drawn: 1,3,5 [all].")
@DATA
def command(kind: str, name: str, store: Path | None, save: Path | None, **drawing: Any) -> None:
    """Show a method, model, corruption, dataset, suite, metric, spec, recipe or run: what it is and its options."""
    if kind not in (known := (*KINDS, "spec", "recipe", "run")):
        raise unknown("show", kind, known)
    if save is not None:
        _draw(kind, name, save, **drawing)
        return
    for option in ("preset", "severities", "data"):
        if drawing[option] is not None:
            raise InputError(f"{option}: goes with --save FILE.png, which draws a corruption or a suite")
    if kind in ("spec", "recipe"):
        from robench.benchmarks import named

        _print_yaml(named(kind, name))
    elif kind == "run":
        _print_run(name, store)
    else:
        _print_plugin(kind, name)


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


def _print_plugin(kind: str, name: str) -> None:
    from robench import registry

    plugin, entry = registry.load(kind, name), registry.find(kind, name)
    click.echo(f"{entry.name}  ({kind} of {entry.distribution}=={entry.version})")
    shown_by = KINDS[kind].shown_by
    target = {"class": plugin, "build": getattr(plugin, "build", None), "fields": None}[shown_by]
    if target and (text := inspect.getdoc(target)):
        click.echo(f"\n{text}")
    if shown_by != "class":
        click.echo()
        _print_yaml(_facts(plugin))
    if target:
        _print_options(target)
    _print_presets(getattr(plugin, "presets", {}) if shown_by == "class" else {})


def _print_options(target: Any) -> None:
    from robench.registry.options import describe

    options = describe(target, without=("variant",))
    if not options:
        return
    click.echo("\noptions:")
    width = max(len(option.name) for option in options)
    for option in options:
        click.echo(f"  {option.name:<{width}}  {option.type}  [{option.default}]")


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


def _print_yaml(values: dict[str, Any]) -> None:
    import yaml

    click.echo(
        yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None), nl=False
    )


def _print_run(name: str, store: Path | None) -> None:
    from robench.runs.folder import SPEC
    from robench.runs.store import Store, default_root

    place = Store(store or default_root())
    found = place.starting_with(name)
    if len(found) != 1:
        raise InputError(f"run: {len(found)} runs of {place.root} begin with {name!r}")
    record = place.record(found[0])
    if record is None:
        click.echo((place.folder(found[0]) / SPEC).read_text(), nl=False)
        return
    click.echo(json.dumps(record.model_dump(mode="json"), indent=1))
