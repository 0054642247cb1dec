"""``python -m limner.app.pack_entry``: the process of an isolated node pack. Started by the worker, never by hand."""

import argparse
import faulthandler
import logging
import os
import socket
import sys
from dataclasses import replace
from pathlib import Path

from comfy_host.isolation.messages import Importing, Line, ToPack
from comfy_host.packs import Pack, PackRecord, find_packs
from comfy_host.prestartup import open_surface, run_prestartup
from limner.app.settings import Settings, read_worker_settings
from limner.graph.errors import SettingsError


def main() -> None:
    """Loads the pack and answers the worker until it goes away."""
    parser = argparse.ArgumentParser(prog="limner-pack")
    parser.add_argument("--fd", type=int, required=True, help="descriptor of the line to the worker")
    parser.add_argument("--settings", required=True, help="settings as JSON")
    parser.add_argument("--pack", type=Path, required=True, help="where the pack lies")
    parser.add_argument("--sockets", type=Path, required=True, help="folder for the sockets of its routes")
    parser.add_argument("--label", required=True, help="what tells these sockets from others")
    arguments = parser.parse_args()
    faulthandler.enable()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    connection = socket.socket(fileno=arguments.fd)
    connection.set_inheritable(False)
    pack = _pack(arguments.pack)
    settings = read_worker_settings(arguments.settings)
    _serve(pack, settings, Line(connection, ToPack), arguments.sockets, arguments.label)


def _pack(path: Path) -> Pack:
    for pack in find_packs([path.parent]):
        if pack.path == path:
            return pack
    raise SettingsError(f"There is no node pack at {path}.")


def _serve(pack: Pack, settings: Settings, line: Line, sockets: Path, label: str) -> None:
    folders = settings.folders()
    open_surface(folders)
    # The worker watches over the import; this record only keeps the pack's process from writing into the worker's.
    record = PackRecord(folders.data / "packs" / "isolated" / pack.name)
    errors = run_prestartup([pack], folders, 0.0, record)  # before the tensor library is imported

    from comfy_host.isolation.answering import Answering, RelayBoard
    from comfy_host.joining import join_packs
    from limner.app.composition import build_host

    host = replace(build_host(settings), switchboard=RelayBoard(line))
    line.send(Importing())
    packs = join_packs(host, [pack], errors, seconds=0.0, record=record, sockets=sockets, label=label)
    answering = Answering(packs, line)
    line.send(answering.description())
    answering.serve()


if __name__ == "__main__":
    main()
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # a call that is still inside a tensor library would make an orderly end crash
