"""`robench new`: the package of a plugin of your own."""

import json
import re
from pathlib import Path
from typing import Any

import click

from robench.cli import completion
from robench.cli.command import Command
from robench.contracts import Preset
from robench.errors import InputError
from robench.registry import KINDS, scaffold

_FOLDER = re.compile(r"[A-Za-z0-9_.+-]+")


@click.command(cls=Command, example="robench new method my-method")
@click.argument(
    "kind", shell_complete=completion.names(lambda context: (k for k, v in KINDS.items() if v.scaffoldable))
)
@click.argument("name")
@click.option("--output", type=click.Path(path_type=Path), show_default="./NAME", help="Folder to make.")
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Of a dataset: the folder of its images, DIRECTORY/{train,test}/<class>/*.",
)
def command(kind: str, name: str, output: Path | None, images: Path | None) -> None:
    """Write a method, model, corruption, dataset or suite of your own as a package that installs and keeps its laws.

    A dataset is made from a folder of images, and comes with a suite that corrupts them.
    """
    folder = output or Path(name)
    facts = _facts(kind, images)
    for path in scaffold.write(kind, name, folder, facts):
        click.echo(path)
    where = f" --data {images.resolve().parent}" if images else ""
    click.echo(f"next: pip install -e {folder} && robench check {kind} {name}{where}", err=True)


def _facts(kind: str, images: Path | None) -> dict[str, Any]:
    """Return what the template of a dataset says of the images; InputError where they are missing or not asked for."""
    wanted = kind in KINDS and KINDS[kind].from_images
    if wanted is (images is None):
        expected = f"a new {kind} is made from a folder of images; give --images DIR, DIR/{{train,test}}/<class>/*"
        raise InputError(f"images: {expected if wanted else f'a {kind} is not made from images'}")
    if images is None:
        return {}
    from robench.data.image_folder import survey

    facts = survey(images)
    folder = images.resolve().name
    if not _FOLDER.fullmatch(folder):
        raise InputError(f"images: the folder's name {folder!r} is not allowed: letters, digits, '.', '_', '+' and '-'")
    return {
        "folder": folder,
        "folder_text": json.dumps(folder),
        "image_size": facts.image_size,
        "resize": facts.resize,
        "label_names": f"({', '.join(map(json.dumps, facts.label_names))})",
        "sizes": json.dumps(facts.sizes),
        "mean": facts.mean,
        "std": facts.std,
        "digest": facts.digest,
        "preset": Preset(facts.image_size).name,
    }
