"""Ranges that options of plugins are declared with; robench validates and prints them."""

from typing import Annotated

from annotated_types import Ge, Gt, Le, Lt

Fraction = Annotated[float, Ge(0), Le(1)]
Sparsity = Annotated[float, Ge(0), Lt(1)]
NonNegative = Annotated[float, Ge(0)]
Positive = Annotated[float, Gt(0)]
PositiveInt = Annotated[int, Ge(1)]
