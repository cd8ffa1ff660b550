"""The program `blueprint`. Every file of scripts/commands is a command of the same name, imported when it is needed."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

import click

COMMANDS = Path(__file__).with_name("commands")


class Folder(click.Group):
    """A group whose commands are the files of a folder."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(path.stem for path in COMMANDS.glob("[a-z]*.py"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"scripts.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in (known := self.list_commands(ctx)) and not args[0].startswith("-"):
            from settings.problems import suggestion

            way_out = suggestion(args[0], known, "see 'blueprint --help'")
            ctx.fail(f"no command '{args[0]}'; {way_out}")
        return super().resolve_command(ctx, args)


@click.group(cls=Folder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="blueprint", prog_name="blueprint")
def program() -> None:
    """An enterprise ML and generative-AI platform for Google Cloud, provable on a laptop.

    Exit codes: 0 done, 1 failure, 2 bad input, 3 inconclusive, 4 a gate says no, 5 changes pending.
    """


def main() -> None:
    """Run the program and end with its exit code; errors are sentences, never tracebacks."""
    try:
        sys.exit(program(standalone_mode=False) or 0)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped: nothing is lost, the same command continues", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        sys.exit(_told(error))


def _told(error: Exception) -> int:
    from operations.outcome import Exit, OperationFailed
    from settings.problems import InvalidSettings

    match error:
        case InvalidSettings():
            for problem in error.problems:
                click.echo(str(problem), err=True)
            click.echo(f"{len(error.problems)} problem{'s' * (len(error.problems) != 1)}", err=True)
            return Exit.BAD_INPUT
        case OperationFailed():
            click.echo(str(error), err=True)
            return error.code
        case OSError():
            click.echo(
                f"{error.filename or 'computer'}: {error.strerror or error}; free space or check the mode", err=True
            )
            return Exit.FAILURE
        case _ if type(error).__module__.startswith("google."):
            from operations.google_words import failure

            return _told(failure("Google", error, "run it again later", refused="ask who may", missing=Exit.FAILURE))
        case _:
            click.echo(f"{type(error).__name__}: {error}; this is a defect, please report it", err=True)
            return Exit.FAILURE
