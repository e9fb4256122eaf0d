"""A law of a contract as a named check, and the report of a plugin's checks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, final

from robench.errors import FOREIGN, DataError, first_line


@final
@dataclass(frozen=True)
class Check:
    """One law and what tests it; call it with a plugin and its options: `check(MyMethod, sparsity=0.9)`.

    Returns one line on what was seen. Raises AssertionError where the law does not hold, and whatever the plugin
    raises.
    `pitfalls` are the numbers of the errors known from public implementations that the check guards against.
    """

    name: str
    law: str
    pitfalls: tuple[int, ...]
    look: Callable[..., str | None]

    def __call__(self, plugin: Any, **options: Any) -> str:
        """Look at one plugin."""
        return self.look(plugin, **options) or "holds"

    def __str__(self) -> str:
        """Return the name, which is also the id of a parametrised test."""
        return self.name


@final
@dataclass(frozen=True)
class Finding:
    """What one check saw of one plugin."""

    plugin: str
    check: str
    law: str
    passed: bool
    seen: str

    def row(self) -> dict[str, Any]:
        """Return the fields as plain JSON values."""
        return asdict(self)


def check(*pitfalls: int) -> Callable[[Callable[..., str | None]], Check]:
    """Make a check of a function: its name with hyphens, its docstring's first line is the law."""

    def named(look: Callable[..., str | None]) -> Check:
        law = (look.__doc__ or "").strip().splitlines()[0]
        return Check(look.__name__.replace("_", "-"), law, pitfalls, look)

    return named


def ensure(holds: Any, message: str) -> None:
    """Raise AssertionError with the message unless `holds`."""
    if not holds:
        raise AssertionError(message)


def examine(name: str, plugin: Any, options: dict[str, Any], checks: Iterable[Check]) -> Iterator[Finding]:
    """Run every check, whatever the others found; an error of the plugin fails the check it occurred in.

    Raises DataError where files are missing that the plugin declares: nothing can be said of it then.
    """
    for one in checks:
        yield _finding(name, plugin, options, one)


def _finding(name: str, plugin: Any, options: dict[str, Any], one: Check) -> Finding:
    try:
        return Finding(name, one.name, one.law, True, one(plugin, **options))
    except DataError:
        raise
    except FOREIGN as error:
        seen = str(error) if isinstance(error, AssertionError) else first_line(error)
        return Finding(name, one.name, one.law, False, seen)
