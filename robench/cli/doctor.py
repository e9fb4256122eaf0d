"""`robench doctor`: is everything there that a run needs?"""

from pathlib import Path

import click

from robench.cli.command import Command
from robench.cli.options import DATA, STORE


@click.command(cls=Command, example="robench doctor --data ~/datasets")
@DATA
@STORE
def command(data: Path | None, store: Path | None) -> int:
    """Check libraries, plugins, device, data and store; exit code 1 if something is broken."""
    problems = [*_installation(), *_plugins(), *_data(data), *_store(store)]
    for problem in problems:
        click.echo(f"problem: {problem}")
    click.echo(f"{len(problems)} problems" if problems else "all is well")
    return 1 if problems else 0


def _installation() -> list[str]:
    from robench import environment

    facts = environment.describe()
    click.echo(f"python     {facts['python']} on {facts['system']}")
    for name, version in facts["libraries"].items():
        click.echo(f"           {name} {version}")
    lost = [
        f"{name}: it is not installed" for name, version in facts["libraries"].items() if version == environment.UNKNOWN
    ]
    click.echo(f"processor  {facts['processor']}, {facts['cores']} cores")
    return [*lost, *_devices()]


def _devices() -> list[str]:
    """Print what there is to compute on; torch that cannot be imported is a problem, not the end."""
    from robench.errors import FOREIGN, first_line

    try:
        import torch
    except FOREIGN as error:
        return [f"torch: it cannot be imported: {first_line(error)}"]
    click.echo(f"threads    {torch.get_num_threads()}")
    count = torch.cuda.device_count() if torch.cuda.is_available() else 0
    for index in range(count):
        click.echo(f"device     cuda:{index} {torch.cuda.get_device_name(index)}")
    if not count:
        click.echo("device     cpu (no usable CUDA device)")
    return []


def _plugins() -> list[str]:
    from robench import registry
    from robench.errors import PluginError
    from robench.registry import distributions

    problems = [f"{one.folder}: {one.reason}" for one in distributions.installed().unreadable]
    for kind in registry.KINDS:
        entries = registry.entries(kind)
        for entry in entries:
            try:
                registry.load(kind, entry.qualified)
                registry.find(kind, entry.name)
            except PluginError as error:
                problems.append(str(error))
        click.echo(f"plugins    {len(entries)} {kind}s")
    for line in registry.qualified_only():
        click.echo(f"           {line}")
    return problems


def _data(given: Path | None) -> list[str]:
    from robench import registry
    from robench.download import cache, root
    from robench.errors import FOREIGN, InputError, RobenchError, first_line

    try:
        from robench.data.images import load

        place = root(given)
        click.echo(f"data       {place}\ncache      {cache()}")
    except InputError as error:
        return [str(error)]
    except FOREIGN as error:  # a library that does not import
        return [f"data: they cannot be read: {first_line(error)}"]
    for entry in registry.entries("dataset"):
        try:
            load(registry.load("dataset", entry.qualified), place, "test")
            click.echo(f"           {entry.name} is there")
        except RobenchError as error:
            click.echo(f"           {entry.name} is not there: {error}")
    return []


def _store(given: Path | None) -> list[str]:
    import shutil

    from robench.errors import InputError
    from robench.runs.index import scan
    from robench.runs.store import Store, default_root

    try:
        store = Store(given or default_root())
        store.open()
    except InputError as error:
        return [str(error)]
    found = scan(store)
    free = shutil.disk_usage(store.root).free / 1e9
    click.echo(
        f"store      {store.root}: {len(found.results)} records, {len(found.unfinished)} unfinished, {free:.1f} GB free"
    )
    return [f"{name}: {reason}" for name, reason in found.damaged]
