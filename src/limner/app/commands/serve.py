"""``limner serve``: the server and its worker."""

import argparse

from limner.app.commands.command import Command, add_places
from limner.app.settings import PORT, read_settings


def _configure(parser: argparse.ArgumentParser) -> None:
    add_places(parser)
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, metavar="N", help=f"TCP port (default: {PORT}; 0: a free one)")
    parser.add_argument(
        "--allow-remote", action="store_true", default=None, help="listen beyond loopback, without a lock"
    )
    parser.add_argument(
        "--allow-origin",
        dest="allowed_origins",
        action="append",
        metavar="ORIGIN",
        help="let pages of this origin talk to the server (https://example.org); repeatable",
    )
    parser.add_argument("--input", metavar="DIR", help="pictures that workflows load (default: DATA/input)")
    parser.add_argument("--output", metavar="DIR", help="pictures that workflows save (default: DATA/output)")
    parser.add_argument("--temp", metavar="DIR", help="previews, emptied at start (default: DATA/temp)")
    parser.add_argument("--concurrency", type=int, metavar="N", help="jobs that run at once (default: 4)")
    parser.add_argument("--previews", action="store_true", default=None, help="send pictures of intermediate states")


def _run(arguments: argparse.Namespace) -> int:
    from limner.app.serving import serve  # The server is imported only by the command that needs it.

    return serve(read_settings(vars(arguments)))


SERVE = Command("serve", "Serve ComfyUI's API from this machine.", _configure, _run)
