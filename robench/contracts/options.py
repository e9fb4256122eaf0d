"""Ranges that options of plugins are declared with; robench validates and prints them."""

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from annotated_types import Ge, Gt, Le, Len, Lt

Fraction = Annotated[float, Ge(0), Le(1)]
Sparsity = Annotated[float, Ge(0), Lt(1)]
NonNegative = Annotated[float, Ge(0)]
Positive = Annotated[float, Gt(0)]
PositiveInt = Annotated[int, Ge(1)]
Widths = Annotated[tuple[PositiveInt, ...], Len(min_length=1)]


class PresetOptions(NamedTuple):
    """Options that go under one name, in a class field `presets` (name -> Preset).

    Attributes:
        source: Where they stand, such as a paper and its table.
        options: Name of an option -> its value.
    """

    source: str
    options: Mapping[str, bool | int | float | str]
