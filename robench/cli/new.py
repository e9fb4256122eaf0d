"""`robench new`: the package of a plugin of your own."""

from pathlib import Path

import click

from robench.registry import scaffold


@click.command
@click.argument("kind")
@click.argument("name")
@click.option("--output", type=click.Path(path_type=Path), help="Folder to make [./NAME].")
def command(kind: str, name: str, output: Path | None) -> None:
    """Write a method, model or corruption of your own as a package that installs and keeps its laws."""
    folder = output or Path(name)
    for path in scaffold.write(kind, name, folder):
        click.echo(path)
    click.echo(f"next: pip install -e {folder} && robench check {kind} {name}", err=True)
