"""The command line: finds the commands in ``limner.app.commands``, one a file, and runs one."""

import argparse
import os
import sys
from collections.abc import Sequence

from limner import __version__
from limner.app import commands
from limner.app.commands.command import Command
from limner.graph.discovery import discover
from limner.graph.errors import InterruptedRun, LimnerError


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command that the arguments name.

    Returns:
        The exit status: 0 done, 1 failed, 2 wrong usage or a graph that cannot run, 130 interrupted.
    """
    found = discover(commands, Command, lambda command: command.name)
    parser = argparse.ArgumentParser(prog="limner", description="Pictures from workflows: run, serve, share.")
    parser.add_argument("--version", action="version", version=f"limner {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND")
    for command in found.values():
        own = subparsers.add_parser(command.name, help=command.help, description=command.help)
        command.configure(own)
    chosen = parser.parse_args(arguments)
    if chosen.command is None:
        parser.print_help(sys.stderr)
        return 2
    try:
        return found[chosen.command].run(chosen)
    except (KeyboardInterrupt, InterruptedRun):
        print("Interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader of the output has enough (`limner list nodes | head`); nothing is left to be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except LimnerError as error:
        print(f"limner: {error}", file=sys.stderr)
        return 1
