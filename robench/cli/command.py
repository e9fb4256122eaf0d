"""What all commands share: nothing given is empty, an example stands below the help."""

from collections.abc import Iterator
from typing import Any

import click

from robench.errors import InputError


class Command(click.Command):
    """A command that refuses the empty text which an unset shell variable leaves, of every option and argument."""

    def __init__(self, *args: Any, example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example = example

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; InputError that names the option whose value is empty."""
        if not ctx.resilient_parsing:
            given, _, order = self.make_parser(ctx).parse_args(args=list(args))
            for parameter in order:
                if any(not text.strip(" \t\n,") for text in _texts(given.get(parameter.name or ""))):
                    raise InputError(f"{parameter.opts[0].lstrip('-')}: it is empty")
        return super().parse_args(ctx, args)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the example."""
        with formatter.section("Example"):
            formatter.write_text(self.example)


class Group(click.Group):
    """A group of such commands."""

    command_class = Command


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _texts(one)
