"""`robench data`: what is there, fetch it, verify it, hash it, generate it."""

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from robench.cli import completion
from robench.cli.command import Group
from robench.cli.options import DATA
from robench.download import root
from robench.errors import InputError
from robench.places import expanded
from robench.text import shown, split_names

if TYPE_CHECKING:
    from robench.data.inventory import Part
    from robench.data.sets.request import Request

_COMPLETE = completion.names(lambda context: [*completion.registered("suite"), *completion.registered("dataset")])
NAME = click.argument("name", shell_complete=_COMPLETE)


@click.group(cls=Group)
def command() -> None:
    """Fetch, verify, generate, hash or look at data sets; NAME is a suite or a dataset."""


@command.command(example="robench data status cifar10c")
@click.argument("name", required=False, shell_complete=_COMPLETE)
@DATA
def status(name: str | None, data: Path | None) -> None:
    """Say what is there, by presence, size and number; without NAME for every suite."""
    from robench import registry
    from robench.data import inventory

    for chosen in [name] if name else [entry.name for entry in registry.entries("suite")]:
        parts = list(inventory.look(*inventory.find(chosen), root(data), again=False))
        for (kind, folder, unit), group in groupby(parts, key=lambda part: (part.kind, part.folder, part.unit)):
            click.echo(f"{chosen}: {kind}: {_counted(list(group))} {unit} in {shown(folder)}{_why(parts, kind, unit)}")
        if not parts:
            click.echo(f"{chosen}: needs no files")


def _counted(parts: "list[Part]") -> str:
    return f"{sum(part.fault is None for part in parts)} of {len(parts)}"


def _why(parts: "list[Part]", kind: str, unit: str) -> str:
    """Return what is wrong with the first part of a kind that is there and not right."""
    from robench.data.inventory import MISSING

    bad = [part for part in parts if (part.kind, part.unit) == (kind, unit) and part.fault not in (None, MISSING)]
    return f"; {bad[0].path}: {(bad[0].fault or '').partition(';')[0]}" if bad else ""


@command.command(example="robench data fetch cifar10c --data ~/datasets")
@NAME
@DATA
def fetch(name: str, data: Path | None) -> None:
    """Download what NAME needs and what is published of it; continues what was cut short.

    The mirror of ROBENCH_MIRROR, a web address that file names are appended to, is tried first.
    """
    from robench.cli.display import Display
    from robench.data import inventory

    with Display() as display:
        inventory.fetch(*inventory.find(name), root(data), display)
    click.echo(f"{name}: complete in {shown(root(data))}")


@command.command(example="robench data verify cifar10c")
@NAME
@DATA
def verify(name: str, data: Path | None) -> None:
    """Hash every file of NAME again; exit code 2 when one is damaged or missing.

    Image files of which no digest is known are judged by their number, names and classes. A published set and textures
    of which nothing is there are said to be absent, which is no error.
    """
    from robench.data import inventory
    from robench.errors import DataError

    bad = total = 0
    parts = inventory.look(*inventory.find(name), root(data), again=True)
    for kind, group in groupby(parts, key=lambda part: part.kind):
        files = list(group)
        if kind in ("published", "textures") and all(part.fault == inventory.MISSING for part in files):
            click.echo(f"{'absent':8} {kind}")
            continue
        for part in files:
            reason = f": {part.fault}" if part.fault not in (None, inventory.MISSING) else ""
            state = "bad" if reason else part.fault or "ok"
            click.echo(f"{state:8} {shown(part.folder / part.path)}{reason}")
        bad, total = bad + sum(part.fault is not None for part in files), total + len(files)
    if bad:
        raise DataError(
            f"{name}: {bad} of {total} are missing or bad; `robench data fetch {name}` fetches them or says how"
        )


@command.command(example="robench data digest digits-c")
@click.argument("name", required=False, shell_complete=_COMPLETE)
@DATA
@click.option(
    "--images",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    show_default="the images of NAME",
    help="Instead of NAME: a folder of images, DIRECTORY/{train,test}/<class>/*.",
)
def digest(name: str | None, data: Path | None, images: Path | None) -> None:
    """Hash all images of NAME or of a folder, for the `digest` of a dataset.

    A dataset with such a digest is compared with its images before every study, so that changed files are noticed.
    """
    from robench.cli.display import Display
    from robench.data import content, image_folder, inventory
    from robench.data.images import digests

    if (name is None) is (images is None):
        raise InputError("digest: give NAME or --images DIRECTORY")
    with Display() as display:
        if images is not None:
            found = image_folder.digest(images, display)
        else:
            found = content.digest(digests(inventory.find(name or "")[1], root(data), display))
    click.echo(found)


@command.command(example="robench data generate cifar10c --corruptions fog,frost --jobs 4")
@NAME
@DATA
@click.option(
    "--corruptions",
    default="standard",
    help="standard, all, or names.",
    show_default=True,
    shell_complete=completion.plugins("corruption", "standard", "all"),
)
@click.option("--test-limit", type=click.IntRange(min=1), show_default="all", help="Use only the first N test images.")
@click.option("--jobs", type=click.IntRange(min=1), show_default="one a core", help="Processes.")
@click.option(
    "--jpeg-quality",
    type=click.IntRange(1, 100),
    help="Write JPEG files of this quality, 85 in the published sets, instead of PNG, which is what runs use.",
)
@click.option(
    "--map",
    "maps",
    multiple=True,
    metavar="NAME=DIRECTORY",
    help="What some corruptions need to know of each image, such as depth=DIRECTORY or reshading=DIRECTORY: "
    "<class>/<image>.npy or .png, of the images as cropped. Repeatable.",
)
def generate(
    name: str,
    data: Path | None,
    corruptions: str,
    test_limit: int | None,
    jobs: int | None,
    jpeg_quality: int | None,
    maps: tuple[str, ...],
) -> None:
    """Make the corrupted images of the suite NAME in the cache; continues after a kill.

    Sets of image files get the published layout, <corruption>/<severity>/<class>/<image>.
    """
    from robench.cli.display import Display
    from robench.data.sets import corrupted

    request = _request(name, data, corruptions, test_limit, jpeg_quality, _maps(maps))
    with Display() as display:
        corrupted.check(request, display)
        cells = corrupted.open_cells(request, display, jobs)
    click.echo(f"{name}: {len(request.corruptions)} corruptions in {', '.join(map(str, cells.folders))}")


def _request(
    name: str, data: Path | None, corruptions: str, limit: int | None, quality: int | None, maps: dict[str, Path]
) -> "Request":
    """Return what is to be generated of a suite; InputError for what its data set cannot have."""
    from robench import registry
    from robench.data.sets.request import Request, Storage
    from robench.study.plan import corruptions_of

    suite = registry.load("suite", name)
    dataset = registry.load("dataset", suite.dataset)
    if dataset.files is None and (quality or maps):
        raise InputError(f"jpeg-quality, map: {name!r} is kept in .npy files; they are for image files")
    chosen, kept = corruptions_of(suite, split_names(corruptions)), Storage(quality, maps)
    return Request(suite, dataset, root(data), chosen, suite.severities, limit, "generated", kept)


def _maps(given: tuple[str, ...]) -> dict[str, Path]:
    """Read NAME=DIRECTORY of each map; InputError for one that is not, stands twice, or is no folder."""
    folders: dict[str, Path] = {}
    for text in given:
        name, equals, place = text.partition("=")
        folder = expanded("map", place) if place else Path()
        if not (name and equals and folder.is_dir()):
            raise InputError(f"map: {text!r}; expected NAME=DIRECTORY, the folder being there")
        if name in folders:
            raise InputError(f"map: {name!r} stands twice")
        folders[name] = folder
    return folders
