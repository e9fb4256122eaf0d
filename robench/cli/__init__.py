"""The command line: one file a command, imported only when it is called."""

import sys
from importlib import import_module

import click

from robench import __version__
from robench.cli import streams
from robench.errors import RobenchError

COMMANDS = {
    "run": "Train, evaluate and rank; without arguments the quickstart.",
    "plan": "Say what a run would do, and do nothing.",
    "list": "List plugins, recipes, specs or runs.",
    "show": "Show one plugin, recipe, spec or run with its options.",
    "leaderboard": "Rank the finished runs of a store.",
    "data": "Fetch, verify, generate or look at data sets.",
    "check": "Check a plugin law by law.",
    "new": "Write the package of a plugin of your own.",
    "doctor": "Check the installation, the device, the data and the store.",
}


class _Lazy(click.Group):
    """A group that knows its commands' names and imports a command's module when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*COMMANDS]  # not list(): once robench.cli.list is imported, that name is the module here

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        from robench.registry import distributions

        distributions.installed()  # first of all, for what libraries are to do at import depends on it
        command: click.Command = import_module(f"robench.cli.{name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([*COMMANDS.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from robench.errors import unknown

        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            raise unknown("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="robench")
def cli() -> None:
    """Does this way of training make a network more robust to corruption, and at what cost?

    The result goes to stdout, progress to stderr. Exit codes: 0 done, 1 some runs failed, 2 wrong input, nothing
    started, 130 interrupted (Ctrl-C), 143 ended by SIGTERM; after the last two the same command continues.
    """


def main() -> None:
    """Run the command line; every deliberate error is one line on stderr."""
    streams.open_all()
    try:
        code = cli(prog_name="robench", standalone_mode=False)
    except RobenchError as error:
        _fail(str(error), error.exit_code)
    except click.ClickException as error:
        _fail(error.format_message(), 2)
    except (click.Abort, KeyboardInterrupt):
        _fail("interrupted; the same command continues where it stopped", 130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except OSError as error:  # as of a full or failing disk, at any moment
        _fail(f"{f'{error.filename}: ' if error.filename else ''}{error.strerror or error}", 1)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(message: str, code: int) -> None:
    line = " ".join(message.split())
    click.echo(f"robench: {line}", err=True)
    sys.exit(code)
