"""``limner client stubs``: Python functions for the node types of a server, for editors to complete."""

import argparse
import os
import sys
from pathlib import Path

from limner.app.asking import KEY
from limner.app.commands.command import Command
from limner.graph.errors import WorkerLostError

SERVER = "http://127.0.0.1:8188"


def _configure(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    text = "write a Python module with one function per node type, so that editors complete names and arguments"
    stubs = actions.add_parser("stubs", help=text, description=text[0].upper() + text[1:] + ".")
    stubs.add_argument("--server", metavar="URL", default=SERVER, help=f"whose node types (default: {SERVER})")
    stubs.add_argument("-o", "--out", metavar="FILE", type=Path, help="the module (default: standard output)")


def _run(arguments: argparse.Namespace) -> int:
    from limner_client import Client, ClientError
    from limner_client.stubs import write_stubs

    try:
        with Client(arguments.server, api_key=os.environ.get(KEY)) as client:
            nodes = client.nodes()
    except ClientError as error:
        raise WorkerLostError(str(error)) from error
    text = write_stubs(nodes, arguments.server)
    if arguments.out is None:
        sys.stdout.write(text)
        return 0
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(text, encoding="utf-8")
    print(f"{arguments.out}: {len(nodes)} node types", file=sys.stderr)
    return 0


CLIENT = Command("client", "Help for programs that use a server: typed node functions.", _configure, _run)
