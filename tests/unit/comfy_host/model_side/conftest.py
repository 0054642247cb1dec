"""A worker's parts around the built-in model, and the host modules under the names that packs import."""

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import torch

from comfy_host import context
from comfy_host.bridge import Bridge
from comfy_host.facades import register
from limner.app.registry import load_definitions
from limner.graph.errors import InterruptedRun
from limner.models.library import ModelLibrary
from limner.sampling.loop import DenoisingLoop
from limner.sampling.registry import SamplingRegistry
from limner.storage.builtin import builtin_checkpoint
from limner.storage.folders import Folders

SURFACE = Path(context.__file__).parent / "surface"
if str(SURFACE) not in sys.path:
    sys.path.append(str(SURFACE))


@dataclass
class Notes:
    """A Progress that keeps what it hears."""

    preview_size: int = 0
    reports: list[tuple[Any, ...]] = field(default_factory=list)
    stopped: bool = False

    def report(self, value, total, preview=None, *, quiet=False):
        self.check()
        self.reports.append((value, total, preview))

    def picture(self, picture):
        self.reports.append((None, None, picture))

    def text(self, text):
        pass

    def check(self):
        if self.stopped:
            raise InterruptedRun("asked to stop")


@dataclass
class Studio:
    """What tests sample with."""

    library: ModelLibrary
    loop: DenoisingLoop
    registry: SamplingRegistry
    bridge: Bridge
    progress: Notes
    checkpoint: Any
    positive: Any
    negative: Any

    @property
    def services(self):
        return {"registry": self.registry, "loop": self.loop, "progress": self.progress}

    def wrapped(self):
        """The model as packs see it."""
        return self.bridge.to_host(self.checkpoint.model)

    def empty(self, samples=1, side=8):
        return {"samples": torch.zeros(samples, 4, side, side)}


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    return ModelLibrary(Folders.under(tmp_path_factory.mktemp("data")))


@pytest.fixture
def studio(library):
    checkpoint = library.open_checkpoint(builtin_checkpoint())
    loop, bridge, progress = DenoisingLoop(), Bridge(), Notes()
    register(bridge)
    registry = SamplingRegistry.discovered()
    host = context.Host(
        folders=library.folders,
        library=library,
        samplers=registry,
        loop=loop,
        device=library.device,
        definitions=load_definitions(),
    )
    before = vars(context._INSTALLED).copy()
    context.install(host)
    clip = checkpoint.clip
    with context.inside(context.Running(progress=progress)):
        yield Studio(
            library,
            loop,
            registry,
            bridge,
            progress,
            checkpoint,
            clip.encode("a red apple"),
            clip.encode("blurry"),
        )
    vars(context._INSTALLED).clear()
    vars(context._INSTALLED).update(before)
    loop.close()
