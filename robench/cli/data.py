"""`robench data`: what is there, fetch it, verify it, generate it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from robench.cli.options import DATA

Tick = Callable[[str, int, int], None]

NAME = click.argument("name")
FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group()
def command() -> None:
    """Fetch, verify, generate or look at data sets; NAME is a suite or a dataset."""


@command.command()
@click.argument("name", required=False)
@DATA
def status(name: str | None, data: Path | None) -> None:
    """Say what is there, by presence and size; without NAME for every suite."""
    from robench import registry
    from robench.data import inventory
    from robench.download import root

    for chosen in [name] if name else [entry.name for entry in registry.entries("suite")]:
        parts = list(inventory.look(*inventory.find(chosen), root(data), again=False))
        for (kind, folder, unit), group in groupby(parts, key=lambda part: (part.kind, part.folder, part.unit)):
            files = list(group)
            good = sum(part.fault is None for part in files)
            click.echo(f"{chosen}: {kind}: {good} of {len(files)} {unit} in {folder}")
        if not parts:
            click.echo(f"{chosen}: needs no files")


@command.command()
@NAME
@DATA
def fetch(name: str, data: Path | None) -> None:
    """Download what NAME needs and what is published of it; continues what was cut short.

    The mirror of ROBENCH_MIRROR, a web address that file names are appended to, is tried first.
    """
    from robench.data import images, inventory
    from robench.download import root
    from robench.download.fetch import ensure

    suite, dataset = inventory.find(name)
    folder = root(data)
    with _bars() as tick:
        for download in dataset.downloads:
            ensure(download, folder, tick)
        if dataset.files is not None:
            images.paths(dataset, folder, "test")
        for download in inventory.downloads(suite) if suite else ():
            ensure(download, folder, tick)
    click.echo(f"{name}: complete in {folder}")


@command.command()
@NAME
@DATA
def verify(name: str, data: Path | None) -> None:
    """Hash every file of NAME again; exit code 2 when one is damaged or missing.

    A published set and textures of which nothing is there are said to be absent, which is no error.
    """
    from robench.data import inventory
    from robench.download import root
    from robench.errors import DataError

    bad = 0
    parts = inventory.look(*inventory.find(name), root(data), again=True)
    for kind, group in groupby(parts, key=lambda part: part.kind):
        files = list(group)
        if kind in ("published", "textures") and all(part.fault == "missing" for part in files):
            click.echo(f"absent   {kind}")
            continue
        for part in files:
            click.echo(f"{part.fault or 'ok':8} {part.folder / part.path}")
            bad += part.fault is not None
    if bad:
        raise DataError(f"{name}: {bad} files are missing or damaged; `robench data fetch {name}` fetches them")


@command.command()
@NAME
@DATA
@click.option("--corruptions", default="standard", help="standard, all, or names.", show_default=True)
@click.option("--test-limit", type=click.IntRange(min=1), help="Use only the first N test images.")
@click.option("--jobs", type=click.IntRange(min=1), help="Processes [one a core].")
@click.option(
    "--jpeg-quality",
    type=click.IntRange(1, 100),
    help="Write JPEG files of this quality, 85 in the published sets, instead of PNG, which is what runs use.",
)
@click.option("--depth", type=FOLDER, help="Depth maps, <class>/<image>.npy or .png, of the images as cropped.")
@click.option("--reshading", type=FOLDER, help="Reshading images, as the depth maps.")
def generate(
    name: str,
    data: Path | None,
    corruptions: str,
    test_limit: int | None,
    jobs: int | None,
    jpeg_quality: int | None,
    **maps: Path | None,
) -> None:
    """Make the corrupted images of the suite NAME in the cache; continues after a kill.

    Sets of image files get the published layout, <corruption>/<severity>/<class>/<image>.
    """
    from robench import registry
    from robench.data.sets import corrupted
    from robench.data.sets.request import Storage
    from robench.download import root
    from robench.errors import InputError

    suite = registry.load("suite", name)
    dataset = registry.load("dataset", suite.dataset)
    chosen, folder = _chosen(suite, corruptions), root(data)
    if dataset.files is None and (jpeg_quality or any(maps.values())):
        raise InputError(f"jpeg-quality, depth, reshading: {name!r} is kept in .npy files; they are for image files")
    storage = Storage(jpeg_quality, {kind: place for kind, place in maps.items() if place is not None})
    asked: dict[str, Any] = {"root": folder, "corruptions": chosen, "source": "generated", "storage": storage}
    with _bars() as tick:
        corrupted.check(suite, dataset, **asked, limit=test_limit, progress=tick)
        cells = corrupted.open_cells(
            suite, dataset, **asked, severities=suite.severities, limit=test_limit, progress=tick, jobs=jobs
        )
    click.echo(f"{name}: {len(chosen)} corruptions in {', '.join(map(str, cells.folders))}")


def _chosen(suite: Any, text: str) -> tuple[str, ...]:
    from robench.errors import unknown
    from robench.study.grid import split_names, unique

    whole = (*suite.standard, *suite.extra)
    if text in ("standard", "all"):
        return suite.standard if text == "standard" else whole
    for name in (names := unique(split_names(text))):
        if name not in whole:
            raise unknown(f"corruptions of {suite.name}", name, whole)
    return names


@contextmanager
def _bars() -> Iterator[Tick]:
    """Give what draws a bar on a terminal, and prints a line at each tenth elsewhere; both on stderr."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(file=sys.stderr)
    text = TextColumn("{task.description}", markup=False)
    columns = (text, BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    printed: dict[str, int] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal) as bars:

        def tick(what: str, done: int, total: int) -> None:
            if console.is_terminal:
                if what not in tasks:
                    tasks[what] = bars.add_task(what, total=None)
                bars.update(tasks[what], completed=done, total=total or None)
            elif (tenth := 10 * done // total if total else 0) > printed.get(what, -1):
                printed[what] = tenth
                click.echo(f"{what}: {10 * tenth} %" if total else what, err=True)

        yield tick
