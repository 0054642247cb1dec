"""``limner mcp``: Limner's tools for hosts of the Model Context Protocol."""

import argparse
import contextlib
import os
import sys

from limner.app.asking import address_of
from limner.app.commands.command import Command
from limner.graph.errors import WorkerLostError

SERVER = "http://127.0.0.1:8188"
PORT = 8189
LARGEST_BODY = 64 << 20
"""Bytes of a request over HTTP: pictures come as text in it."""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--server", metavar="URL", help=f"address of Limner (default: LIMNER_SERVER, or {SERVER})")
    parser.add_argument("--key", metavar="KEY", help="key for it (default: LIMNER_KEY)")
    parser.add_argument("--start", action="store_true", help="start `limner serve` there if nothing answers")
    http = parser.add_argument_group("over HTTP, instead of standard input and output")
    http.add_argument("--http", action="store_true", help="serve streamable HTTP at /mcp")
    http.add_argument("--host", metavar="ADDRESS", default="127.0.0.1", help="(default: 127.0.0.1)")
    http.add_argument("--port", type=int, metavar="N", default=PORT, help=f"(default: {PORT})")


def _run(arguments: argparse.Namespace) -> int:
    try:
        import mcp  # noqa: F401
    except ImportError:
        print("limner mcp needs the package mcp: pip install 'limner[mcp]'", file=sys.stderr)
        return 2
    from limner_client import ClientError
    from limner_mcp.starting import LOOPBACK, answers, started, wants_key

    key = os.environ.get("LIMNER_KEY", "") if arguments.key is None else arguments.key
    if arguments.http and key and arguments.host not in LOOPBACK:
        told = "Their own keys come with their requests (Authorization: Bearer ...); leave --key and LIMNER_KEY away."
        print(f"With a key, everybody who reaches {arguments.host} would act with it. {told}", file=sys.stderr)
        return 2
    server = address_of(arguments.server or os.environ.get("LIMNER_SERVER") or SERVER)
    try:
        with started(server) if arguments.start else contextlib.nullcontext():
            if not answers(server):
                print(f"{server} does not answer yet. Start it with `limner serve`, or give --start.", file=sys.stderr)
            if arguments.http and arguments.host not in LOOPBACK and not wants_key(server):
                told = f"Start it with --accounts on, so that people need keys ({server} says that it wants none)."
                print(f"Everybody who reaches {arguments.host} could use {server}. {told}", file=sys.stderr)
                return 2
            _serve(arguments, server, key)
    except ClientError as error:
        raise WorkerLostError(str(error)) from error
    return 0


def _serve(arguments: argparse.Namespace, server: str, key: str) -> None:
    """Answers until the host goes away."""
    from limner_mcp.door import Door
    from limner_mcp.server import build_server

    tools = build_server(Door(server, key, local=not arguments.http))
    if not arguments.http:
        tools.run("stdio")
        return
    print(f"Tools for {server} at http://{arguments.host}:{arguments.port}/mcp", file=sys.stderr, flush=True)
    tools.run("streamable-http", host=arguments.host, port=arguments.port, max_request_body_size=LARGEST_BODY)


MCP = Command("mcp", "Tools for hosts of the Model Context Protocol: draw, edit, run apps.", _configure, _run)
