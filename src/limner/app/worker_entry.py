"""``python -m limner.app.worker_entry``: the process of a worker. Started by the server, never by hand."""

import argparse
import contextlib
import logging
import os
import sys
from pathlib import Path

from comfy_host.packs import record_of
from comfy_host.prestartup import open_surface, run_prestartup
from limner.app.isolation import parted_packs
from limner.app.settings import Settings, read_worker_settings
from limner.app.warming import warm_up
from limner.backends.process import channel_from_descriptor, serve
from limner.engine.run import Worker


def main() -> int:
    """Serves the parent until it goes away."""
    parser = argparse.ArgumentParser(prog="limner-worker")
    parser.add_argument("--fd", type=int, required=True, help="descriptor of the channel to the parent")
    parser.add_argument("--name", default="worker-0")
    parser.add_argument("--settings", required=True, help="settings as JSON")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    channel = channel_from_descriptor(arguments.fd)
    _be_first_to_go()
    settings = read_worker_settings(arguments.settings)
    # An end that the parent asked for while packs are being imported is not the fault of the pack.
    serve(
        lambda: _build(settings, arguments.name),
        channel,
        abandoned=record_of(settings.folders()).end,
        at_first=warm_up if settings.warm else None,
    )
    return 0


def _build(settings: Settings, name: str) -> Worker:
    """The worker. Node packs' prestartup scripts run before the tensor library is imported."""
    folders = settings.folders()
    open_surface(folders)
    shared, _ = parted_packs(settings, folders)
    errors = run_prestartup(shared, folders, settings.pack_import_seconds)

    from limner.app.composition import build_worker

    return build_worker(settings, name, prestarted=errors, serve_packs=True)


def _be_first_to_go() -> None:
    """When the machine's memory runs out, the kernel ends this process rather than the server or a stranger."""
    with contextlib.suppress(OSError):  # not Linux, or not allowed
        Path("/proc/self/oom_score_adj").write_text("500")


def _leave(status: int) -> None:
    """Ends at once: a job that is still inside a tensor library would make an orderly end crash."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    _leave(main())
