"""`robench check`: does a plugin keep the laws of its contract?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from robench.cli import completion
from robench.cli.command import Command
from robench.cli.options import DATA, unused
from robench.errors import InputError, PluginError, unknown
from robench.registry import KINDS

if TYPE_CHECKING:
    from robench.testing import Finding


@click.command(cls=Command, example="robench check method 'rigl(sparsity=0.9)'")
@click.argument("kind", shell_complete=completion.names(lambda context: KINDS))
@click.argument(
    "name",
    required=False,
    shell_complete=completion.names(lambda context: completion.registered(context.params.get("kind", ""))),
)
@click.option("--all", "every", is_flag=True, help="Check every plugin of the kind.")
@DATA
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def command(kind: str, name: str | None, every: bool, data: Path | None, as_json: bool) -> int:
    """Check a method, model, corruption, dataset, suite or metric law by law; exit code 1 if one is broken.

    NAME may have options in brackets: 'rigl(sparsity=0.9)'. A member of a family is family/variant.
    """
    if kind not in KINDS:
        raise unknown("check", kind, KINDS)
    if (name is None) is not every:
        raise InputError(f"check: give the name of one {kind}, or --all")
    if not KINDS[kind].takes_data:
        unused({"data": data}, f"the laws of a {kind} need no data")
    findings = list(_shown(_one(kind, name, data) if name is not None else _all(kind, data), as_json))
    failed = sum(not finding.passed for finding in findings)
    if as_json:
        click.echo(json.dumps([finding.row() for finding in findings], indent=1))
    else:
        click.echo(f"{len(findings) - failed} passed, {failed} failed")
    return 1 if failed else 0


def _all(kind: str, data: Path | None) -> Iterator["Finding"]:
    from robench import registry
    from robench.testing import Finding

    for entry in registry.entries(kind):
        try:
            yield from _one(kind, entry.qualified, data)
        except PluginError as error:
            yield Finding(entry.name, "load", "It can be imported and is what it is registered as.", False, str(error))
        except InputError as error:
            click.echo(f"robench: {kind} {entry.name} is not checked: {error}", err=True)


def _one(kind: str, written: str, data: Path | None) -> Iterator["Finding"]:
    """Check one plugin; raises InputError for a name, an option or data that is not there."""
    from robench import registry, testing
    from robench.registry.written import parse_plugin

    name, options = parse_plugin(written)
    plugin = registry.load(kind, name)
    checks = getattr(testing, f"{kind}_checks")()
    yield from testing.examine(written, plugin, _options(kind, name, plugin, options, data), checks)


def _options(kind: str, name: str, plugin: Any, options: dict[str, Any], data: Path | None) -> dict[str, Any]:
    """Return what the checks of a kind take beside the plugin, options checked."""
    from robench.registry.options import validate

    if KINDS[kind].shown_by == "fields":
        if options:
            raise InputError(f"{kind} {name}: takes no options")
        return {"data": data} if KINDS[kind].takes_data else {}
    variant = name.partition("/")[2]
    if getattr(plugin, "variants", None) and not variant:
        raise InputError(f"{kind} {name}: it is a family; write {name}/<variant>")
    validate(name, plugin if kind == "method" else plugin.build, options, without=("variant",))
    return {**options, **({"variant": variant} if variant else {})}


def _shown(findings: Iterator["Finding"], as_json: bool) -> Iterator["Finding"]:
    """Pass findings on, each printed as soon as it is there."""
    last = None
    for finding in findings:
        if not as_json:
            if finding.plugin != last:
                click.echo(finding.plugin)
            click.echo(f"  {'passed' if finding.passed else 'FAILED'}  {finding.check:<22}  {finding.seen}")
            if not finding.passed:
                click.echo(f"          {'':<22}  law: {finding.law}")
        last = finding.plugin
        yield finding
