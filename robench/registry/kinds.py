"""The kinds of plugins there are: one table that everything which goes through kinds asks."""

from dataclasses import dataclass
from typing import Literal, final

from robench.contracts import Corruption, Dataset, Method, Metric, Model, Suite


@final
@dataclass(frozen=True)
class Kind:
    """One kind of plugin.

    `contract`: what it is a class or a record of. `shown_by`: where `robench show` finds documentation and options:
    in the "class" itself, in the record's "build", or nowhere ("fields" are all there is). Its laws are
    `robench.testing.<name>_checks`; with `takes_data` they look at files below a data root.
    `scaffoldable`: `robench new` writes a package of it, with `from_images` from a folder of images. `drawable`:
    `robench show --save` draws it. `has_families`: one plugin may stand for many, `family/variant`.
    """

    name: str
    contract: type
    shown_by: Literal["class", "build", "fields"] = "fields"
    scaffoldable: bool = True
    from_images: bool = False
    takes_data: bool = False
    drawable: bool = False
    has_families: bool = False

    @property
    def group(self) -> str:
        """The group of entry points that plugins of this kind are registered in."""
        return f"robench.{self.name}s"


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("method", Method, shown_by="class"),
        Kind("model", Model, shown_by="build", has_families=True),
        Kind("corruption", Corruption, takes_data=True, drawable=True),
        Kind("dataset", Dataset, takes_data=True, from_images=True),
        Kind("suite", Suite, drawable=True),
        Kind("metric", Metric, scaffoldable=False),
    )
}
"""Name -> kind, in the order in which they are listed."""
