"""``python -m limner.app.worker_entry``: the process of a worker. Started by the server, never by hand."""

import argparse
import sys

from limner.app.composition import build_worker, read_worker_settings
from limner.backends.process import channel_from_descriptor, serve


def main() -> int:
    """Serves the parent until it goes away."""
    parser = argparse.ArgumentParser(prog="limner-worker")
    parser.add_argument("--fd", type=int, required=True, help="descriptor of the channel to the parent")
    parser.add_argument("--name", default="worker-0")
    parser.add_argument("--settings", required=True, help="settings as JSON")
    arguments = parser.parse_args()
    channel = channel_from_descriptor(arguments.fd)
    serve(build_worker(read_worker_settings(arguments.settings), arguments.name), channel)
    return 0


if __name__ == "__main__":
    sys.exit(main())
