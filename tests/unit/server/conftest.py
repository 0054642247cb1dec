"""A server over a real dispatcher and journal, whose worker plays a script instead of drawing."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from limner.engine.events import (
    Failed,
    Failure,
    Interrupted,
    NodeFinished,
    NodeOutput,
    NodePlace,
    NodePreview,
    NodeProgress,
    NodeStarted,
    NodeText,
    Recalled,
    Started,
    Succeeded,
)
from limner.engine.run import Emit, RunRequest
from limner.graph.catalog import Catalog, Named
from limner.graph.graph import Link, Node
from limner.graph.node_type import Input, NodeType, Output
from limner.jobs.dispatcher import Dispatcher
from limner.jobs.sqlite_journal import SqliteJournal
from limner.server.application import create_application
from limner.server.lists import FolderLists
from limner.server.service import ServerSettings, Service
from limner.storage.folders import Folders

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c636060606000000005000155"
    "a2a4050000000049454e44ae426082"
)


def _type(name: str, *inputs: Input, outputs: tuple[str, ...] = (), output: bool = False, **more: Any) -> NodeType:
    sockets = tuple(Output(name=kind, type=kind) for kind in outputs)
    return NodeType(
        name=name, title=name, category="cap", doc="", inputs=inputs, outputs=sockets, is_output=output, **more
    )


def _number(name: str, default: int, least: int, most: int) -> Input:
    return Input(name=name, type="INT", options={"default": default, "min": least, "max": most, "step": 1})


IMAGES = Input(name="images", type="IMAGE")
EMBEDDED = {"prompt": "PROMPT", "extra_pnginfo": "EXTRA_PNGINFO"}

CATALOG = Catalog(
    nodes={
        described.name: described
        for described in (
            _type(
                "EmptyImage",
                _number("width", 512, 1, 16384),
                _number("height", 512, 1, 16384),
                _number("batch_size", 1, 1, 4096),
                outputs=("IMAGE",),
            ),
            _type("PreviewImage", IMAGES, output=True, hidden=EMBEDDED),
            _type("SaveImage", IMAGES, Input(name="filename_prefix", type="STRING"), output=True, hidden=EMBEDDED),
            _type("SaveImageWebsocket", IMAGES, output=True),
            _type(
                "KSampler",
                Input(name="seed", type="INT", options={"default": 0, "min": 0, "max": 2**64 - 1}),
                Input(name="sampler_name", type="COMBO", choices_from="samplers"),
                Input(name="scheduler", type="COMBO", choices_from="schedules"),
                outputs=("LATENT",),
            ),
            _type("LoadImage", Input(name="image", type="COMBO", choices_from="input pictures"), outputs=("IMAGE",)),
            _type(
                "Loader", Input(name="name", type="COMBO", choices_from="checkpoints"), outputs=("MODEL",), output=True
            ),
            _type("CapSleep", outputs=("IMAGE",)),
            _type("CapError", outputs=("IMAGE",)),
            _type("CapPreview", outputs=("IMAGE",)),
            _type("CapText", outputs=("IMAGE",)),
        )
    },
    samplers=(Named(name="euler"), Named(name="heun")),
    schedules=(Named(name="normal"),),
    device={"name": "cpu", "type": "cpu", "index": None, "vram_total": 8, "vram_free": 4, "torch_version": "2.0"},
)


def now() -> int:
    return time.time_ns() // 1_000_000


class ScriptedWorker:
    """A Worker that plays each node type's part. ``gate`` holds CapSleep; ``up`` holds the catalog."""

    name = "scripted"

    def __init__(self, folders: Folders) -> None:
        self.folders = folders
        self.gate = threading.Event()
        self.up = threading.Event()
        self.up.set()
        self.requests: list[RunRequest] = []
        self.released: list[tuple[bool, bool]] = []
        self._cancelled: set[str] = set()
        self._held: dict[str, Any] = {}

    def describe(self) -> Catalog:
        self.up.wait()
        return CATALOG

    def run(self, request: RunRequest, emit: Emit) -> None:
        self.requests.append(request)
        emit(Started(job=request.job, time=now()))
        needed = self._needed(request)
        held = tuple(name for name in needed if self._key(request, name) in self._held)
        emit(Recalled(job=request.job, time=now(), nodes=held))
        done: list[str] = []
        for name in needed:
            if not self._step(request, emit, name, held, done):
                return
            done.append(name)
        emit(Succeeded(job=request.job, time=now()))

    def cancel(self, job: str) -> None:
        self._cancelled.add(job)

    def release(self, *, models: bool = False, results: bool = False) -> None:
        self.released.append((models, results))

    def status(self) -> Mapping[str, Any]:
        return {}

    def close(self) -> None:
        self.gate.set()
        self.up.set()

    def _needed(self, request: RunRequest) -> list[str]:
        order: list[str] = []

        def visit(name: str) -> None:
            for _, link in request.graph.nodes[name].links():
                visit(link.source)
            if name not in order:
                order.append(name)

        for target in request.targets:
            visit(target)
        return order

    def _key(self, request: RunRequest, name: str) -> str:
        node = request.graph.nodes[name]
        inputs = {
            key: self._key(request, value.source) if isinstance(value, Link) else value
            for key, value in node.inputs.items()
        }
        return f"{request.owner} {node.type} {sorted(inputs.items())}"

    def _step(self, request: RunRequest, emit: Emit, name: str, held: tuple[str, ...], done: list[str]) -> bool:
        """Plays a node; False if the run is over."""
        job, place, node = request.job, NodePlace.of(name), request.graph.nodes[name]
        if name in held:
            if CATALOG.nodes[node.type].is_output:
                ui = self._held[self._key(request, name)]
                emit(NodeOutput(job=job, time=now(), place=place, ui=ui, recalled=True))
            return True
        emit(NodeStarted(job=job, time=now(), place=place))
        if node.type == "CapError":
            failure = Failure(
                place=place,
                node_type=node.type,
                error_type="RuntimeError",
                message="boom",
                traceback=("line\n",),
                inputs={"x": [3]},
                executed=tuple(done),
                known=tuple(request.graph.nodes),
            )
            emit(Failed(job=job, time=now(), failure=failure))
            return False
        if node.type == "CapSleep" and not self._sleep(job):
            emit(Interrupted(job=job, time=now(), place=place, node_type=node.type, executed=tuple(done)))
            return False
        ui = self._play(request, emit, place, node)
        if ui is not None:
            emit(NodeOutput(job=job, time=now(), place=place, ui=ui))
        if node.type not in ("CapSleep", "CapPreview", "SaveImageWebsocket"):
            self._held[self._key(request, name)] = ui
        emit(NodeFinished(job=job, time=now(), place=place))
        return True

    def _sleep(self, job: str) -> bool:
        while not self.gate.wait(0.005):
            if job in self._cancelled:
                return False
        return True

    def _play(self, request: RunRequest, emit: Emit, place: NodePlace, node: Node) -> dict[str, Any] | None:
        job = request.job
        if node.type == "CapPreview":
            shown = request.preview_size > 0
            emit(NodeProgress(job=job, time=now(), place=place, value=1, total=2, pictured=shown))
            if request.preview_size:
                emit(NodePreview(job=job, time=now(), place=place, image=b"jpeg", media_type="image/jpeg"))
        if node.type == "CapText":
            emit(NodeText(job=job, time=now(), place=place, text="hello text"))
        if node.type == "SaveImageWebsocket":
            picture = NodePreview(job=job, time=now(), place=place, image=PNG, media_type="image/png", final=True)
            emit(picture)
        if node.type not in ("SaveImage", "PreviewImage"):
            return None
        kind = "output" if node.type == "SaveImage" else "temp"
        file = f"{node.inputs.get('filename_prefix', 'ComfyUI_temp')}_{len(self._held):05}_.png"
        (self.folders.of_owner(request.owner).of_type(kind) / file).write_bytes(PNG)
        return {"images": [{"filename": file, "subfolder": "", "type": kind}]}


@dataclass
class Serving:
    """A running server and what stands behind it."""

    client: TestClient[Any, Any]
    worker: ScriptedWorker
    dispatcher: Dispatcher
    folders: Folders
    service: Service

    async def socket(self, client: str) -> Any:
        return await self.client.ws_connect(f"/ws?clientId={client}")

    async def post(self, body: Any) -> dict[str, Any]:
        answer = await self.client.post("/prompt", json=body)
        assert answer.status == 200, await answer.text()
        return await answer.json()

    async def running(self, count: int) -> None:
        """Waits until so many jobs run."""
        async with asyncio.timeout(30):
            while self.dispatcher.counts().running < count:
                await asyncio.sleep(0.002)

    async def finished(self, job: str) -> dict[str, Any]:
        """The history entry of a job, polled as clients do."""
        async with asyncio.timeout(30):
            while True:
                entries = await (await self.client.get(f"/history/{job}")).json()
                if entries:
                    return entries[job]
                await asyncio.sleep(0.005)


Start = Callable[..., Awaitable[Serving]]


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Folders]:
    folders = Folders.under(tmp_path)
    folders.create()
    yield folders


@pytest.fixture
async def start(folders: Folders) -> AsyncIterator[Start]:
    """Starts a server with given settings."""
    running: list[tuple[TestClient[Any, Any], Dispatcher]] = []

    async def begin(
        *,
        up: bool = True,
        prepare: Any = None,
        web_folders: Any = dict,
        deliveries: Any = None,
        accounts: Any = None,
        **settings: Any,
    ) -> Serving:
        worker = ScriptedWorker(folders)
        if not up:
            worker.up.clear()
        journal = SqliteJournal(folders.data / "limner.sqlite")
        dispatcher = Dispatcher(journal, [worker], concurrency=2)
        service = Service(
            dispatcher=dispatcher,
            folders=folders,
            lists=FolderLists(folders),
            settings=ServerSettings(**settings),
            prepare=prepare,
            web_folders=web_folders,
            accounts=accounts,
            deliveries=None if deliveries is None else deliveries(journal.outbox),
        )
        client: TestClient[Any, Any] = TestClient(TestServer(create_application(service)))
        await client.start_server()
        dispatcher.start()
        running.append((client, dispatcher))
        return Serving(client, worker, dispatcher, folders, service)

    yield begin
    for client, dispatcher in running:
        for lane_worker in [lane.worker for lane in dispatcher._lanes]:
            lane_worker.close()
        await client.close()
        await asyncio.to_thread(dispatcher.stop)
        dispatcher.journal.close()


@pytest.fixture
async def serving(start: Start) -> Serving:
    return await start()


def graph(*parts: str, **inputs: Any) -> dict[str, Any]:
    """A document of nodes 1, 2, ...: the first makes an image that the others take."""
    document = {}
    for number, kind in enumerate(parts, 1):
        own: dict[str, Any] = {}
        if kind == "EmptyImage":
            own = {"width": 64, "height": 48, "batch_size": 1}
        elif number > 1:
            own = {"images": ["1", 0]} | ({"filename_prefix": "pre"} if kind == "SaveImage" else {})
        document[str(number)] = {"class_type": kind, "inputs": own | inputs.get(kind, {})}
    return document


@pytest.fixture
def document() -> Callable[..., dict[str, Any]]:
    """Builds documents."""
    return graph


async def frames(socket: Any, until: Callable[[Any], bool], seconds: float = 10.0) -> list[Any]:
    """What a socket receives up to a message; texts decoded, binary frames as bytes."""
    received: list[Any] = []
    async with asyncio.timeout(seconds):
        while not received or not until(received[-1]):
            message = await socket.receive()
            received.append(message.json() if message.type.name == "TEXT" else message.data)
            assert message.type.name in ("TEXT", "BINARY"), message
    return received


def is_end(message: Any) -> bool:
    """Whether it is the classic sign of the end."""
    return isinstance(message, dict) and message["type"] == "executing" and message["data"].get("node", "") is None


@pytest.fixture
def follow() -> Callable[[Any], Awaitable[list[Any]]]:
    """Reads a socket to the end of a run."""

    async def read(socket: Any) -> list[Any]:
        return await frames(socket, is_end)

    return read
