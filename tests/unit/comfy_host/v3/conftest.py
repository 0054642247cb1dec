"""A kitchen: the V3 pack of the tests, loaded as definitions, run by a real engine."""

import asyncio
import importlib.util
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch

from comfy_host import context
from comfy_host.adapter import definition_of, node_info
from comfy_host.context import Host, install
from comfy_host.instances import Instances
from comfy_host.pack_step import PackRun
from comfy_host.prestartup import open_surface
from limner.backends.in_process import InProcessBackend
from limner.backends.in_process_validation import ask
from limner.engine.engine import Engine
from limner.engine.events import Failed, Failure, NodeOutput, NodeStarted, Succeeded
from limner.engine.run import RunRequest
from limner.graph.api_document import from_document
from limner.graph.catalog import Catalog
from limner.graph.check import check
from limner.graph.validation import Validation
from limner.storage.folders import Folders

PACKS = Path(__file__).parents[3] / "packs"
MODULE = "custom_nodes.v3_kitchen"


class Trace(list[Any]):
    """The events of a run."""

    def of(self, kind: type) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]

    @property
    def started(self) -> list[str]:
        return [event.place.node for event in self.of(NodeStarted)]

    @property
    def shown(self) -> dict[str, Any]:
        return {event.place.node: event.ui for event in self.of(NodeOutput)}

    @property
    def succeeded(self) -> bool:
        return isinstance(self[-1], Succeeded)

    @property
    def failure(self) -> Failure:
        assert isinstance(self[-1], Failed), self[-1]
        return self[-1].failure

    def text(self, node: str) -> Any:
        """What a V3Text node showed, as the value that it was."""
        return eval(self.shown[node]["text"][0])


class Kitchen:
    """The pack's nodes, and a place to run them."""

    def __init__(self, host: Host, classes: list[type], module: ModuleType) -> None:
        self.host, self.module = host, module
        self.classes = {kind.GET_SCHEMA().node_id: kind for kind in classes}
        self.definitions = {name: definition_of(kind, name, None, MODULE) for name, kind in self.classes.items()}
        instances, lock = Instances(), threading.RLock()
        self.backend = InProcessBackend(
            self.definitions,
            {},
            1 << 28,
            services_for=lambda request: {PackRun: PackRun(request, host.bridge, instances, lambda _: lock)},
        )
        self.engine = Engine(self.backend)

    def node(self, name: str) -> type:
        return self.classes[name]

    def info(self, name: str) -> dict[str, Any]:
        return node_info(self.classes[name], name, None, MODULE)

    def run(self, document: dict[str, Any], **fields: Any) -> Trace:
        trace = Trace()
        graph = from_document(document)
        targets = [name for name, node in graph.nodes.items() if self.definitions[node.type].type.is_output]
        request = RunRequest(job="job", graph=graph, targets=tuple(targets), document=document, **fields)
        self.engine.run(request, trace.append, None)
        return trace

    def check(self, document: dict[str, Any]) -> Any:
        catalog = Catalog(nodes={name: definition.type for name, definition in self.definitions.items()})
        return check(from_document(document), catalog, lambda _: [])

    def complaints(self, name: str, values: dict[str, Any], received: dict[str, str] | None = None) -> list[Any]:
        question = Validation(node="1", type=name, inputs=values, types=received or {})
        (verdict,) = ask(self.definitions, [question])
        assert verdict.error is None, verdict.error
        return [(passed, answer) for answer in verdict.answers if answer is not True for passed in verdict.passed]


def load(name: str) -> ModuleType:
    """A pack of the tests as a module."""
    path = PACKS / name / "__init__.py"
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(path.parent)])
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Host:
    """A worker's parts, as far as V3 nodes need them."""
    monkeypatch.setattr(context, "_INSTALLED", type(context._INSTALLED)())
    folders = Folders.under(tmp_path)
    folders.create()
    open_surface(folders)
    made = Host(
        folders=folders,
        library=None,  # type: ignore[arg-type]
        samplers=None,  # type: ignore[arg-type]
        loop=None,  # type: ignore[arg-type]
        device=torch.device("cpu"),
        definitions={},
    )
    install(made)
    return made


@pytest.fixture
def kitchen(host: Host) -> Iterator[Kitchen]:
    module = load("v3_kitchen")

    async def opened() -> list[type]:
        extension = await module.comfy_entrypoint()
        await extension.on_load()
        return await extension.get_node_list()

    made = Kitchen(host, asyncio.run(opened()), module)
    yield made
    assert made.backend.results.status()["kept"] == 0, "a run left results pinned"
    made.backend.close()


@pytest.fixture
def broken(host: Host) -> ModuleType:
    return load("v3_broken")


def use(kind: str, /, **inputs: Any) -> dict[str, Any]:
    """A node of a document; keys with dots are written with double underscores."""
    return {"class_type": kind, "inputs": {name.replace("__", "."): value for name, value in inputs.items()}}


@pytest.fixture(name="use")
def _use() -> Any:
    return use
