"""``limner serve`` as it is, but for its worker: every node that saves a picture saves a grey one at once.

So that thousands of requests that a door accepts cost milliseconds each. Run as ``python -m tests.fuzz.quick_server``
with the options of ``limner serve``.
"""

import argparse
import itertools
import sys
import time
from collections.abc import Mapping
from typing import Any

import msgspec
from PIL import Image

from limner.app import serving
from limner.app.catalogue import local_catalog
from limner.app.commands.serve import SERVE
from limner.app.settings import Settings, read_settings
from limner.engine.events import NodeOutput, NodePlace, Started, Succeeded
from limner.engine.run import Emit, RunRequest
from limner.graph.catalog import Catalog, sendable

SIZE = (8, 8)


class QuickWorker:
    """A Worker whose jobs are done when they begin."""

    name = "quick"

    def __init__(self, settings: Settings) -> None:
        self._folders = settings.folders()
        catalog = local_catalog(device={"name": "cpu", "type": "cpu", "index": None, "vram_total": 8, "vram_free": 4})
        nodes = {name: sendable(node) for name, node in catalog.nodes.items()}
        self._catalog = msgspec.structs.replace(catalog, nodes=nodes)
        self._numbers = itertools.count()

    def describe(self) -> Catalog:
        return self._catalog

    def run(self, request: RunRequest, emit: Emit) -> None:
        emit(Started(job=request.job, time=_now()))
        for target in request.targets:
            kind = "temp" if request.graph.nodes[target].type == "PreviewImage" else "output"
            name = f"quick_{next(self._numbers):08}.png"
            folder = self._folders.of_type(kind)
            folder.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", SIZE, (128, 128, 128)).save(folder / name)
            told = {"images": [{"filename": name, "subfolder": "", "type": kind}]}
            emit(NodeOutput(job=request.job, time=_now(), place=NodePlace.of(target), ui=told))
        emit(Succeeded(job=request.job, time=_now()))

    def cancel(self, job: str) -> None:
        """Nothing runs long enough."""

    def release(self, *, models: bool = False, results: bool = False) -> None:
        """Nothing is held."""

    def status(self) -> Mapping[str, Any]:
        return {}

    def restart(self) -> None:
        """It is as new."""

    def close(self) -> None:
        """Nothing is open."""


def _now() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    SERVE.configure(parser)
    serving._process_worker = QuickWorker
    sys.exit(serving.serve(read_settings(vars(parser.parse_args()))))
