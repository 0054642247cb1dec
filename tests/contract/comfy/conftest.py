"""A whole server (HTTP, WebSocket, queue, engine) over nodes that tests define, in one process."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from limner.backends.in_process import InProcessBackend, InProcessWorker
from limner.backends.in_process_policy import CachePolicy
from limner.backends.in_process_validation import ask
from limner.graph.catalog import Catalog
from limner.graph.declare import NodeDefinition, NodeResult, Socket, node
from limner.graph.validation import Validation, Verdict
from limner.jobs.dispatcher import Dispatcher
from limner.jobs.sqlite_journal import SqliteJournal
from limner.server.application import create_application
from limner.server.lists import FolderLists
from limner.server.route import PACKS
from limner.server.service import ServerSettings, Service
from limner.storage.folders import Folders

ANYTHING = Annotated[Any, Socket("*")]


class LocalPacks:
    """Stands for the packs of a worker: answers in this process."""

    gateway = True

    def __init__(self, definitions: dict[str, NodeDefinition]) -> None:
        self._definitions = definitions
        self.handlers: list[Callable[[dict[str, Any]], dict[str, Any]]] = []

    async def on_prompt(self, body: dict[str, Any]) -> dict[str, Any]:
        for handler in self.handlers:
            body = handler(body)
        return body

    def validate(self, questions: Sequence[Validation]) -> Sequence[Verdict]:
        return ask(self._definitions, questions)

    def refreshed(self, catalog: Catalog, names: Any) -> Catalog:
        return catalog

    def start(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        """Nothing to close."""


class Run:
    """One job as a client saw it."""

    def __init__(self, messages: list[Any], history: dict[str, Any]) -> None:
        self.messages, self.history = messages, history

    def of(self, kind: str) -> list[dict[str, Any]]:
        """Data of the JSON messages of one type."""
        return [told["data"] for told in self.messages if isinstance(told, dict) and told["type"] == kind]

    @property
    def kinds(self) -> list[str]:
        return [told["type"] if isinstance(told, dict) else "binary" for told in self.messages]

    @property
    def binary(self) -> list[bytes]:
        return [told for told in self.messages if isinstance(told, bytes)]

    @property
    def executing(self) -> list[str]:
        """Nodes that ran, in order."""
        return [data["node"] for data in self.of("executing") if data["node"] is not None]

    def ran(self, name: str) -> bool:
        return name in self.executing

    @property
    def cached(self) -> list[str]:
        [data] = self.of("execution_cached")
        return data["nodes"]

    @property
    def error(self) -> dict[str, Any]:
        [data] = self.of("execution_error")
        return data

    @property
    def shown(self) -> dict[str, list[Any]]:
        """What ``Show`` nodes were given, by node id."""
        return {name: ui["shown"] for name, ui in self.history["outputs"].items()}

    @property
    def succeeded(self) -> bool:
        return self.history["status"]["status_str"] == "success"


class Peer:
    """A server and its client. Nodes have to be defined before the first request."""

    def __init__(self, folders: Folders) -> None:
        self.folders = folders
        self.definitions: dict[str, NodeDefinition] = {}
        self.calls: Counter[str] = Counter()
        self.policy = CachePolicy(capacity=1 << 30)
        self.settings = ServerSettings()
        self.concurrency = 1
        self.packs = LocalPacks(self.definitions)
        self._client: TestClient[Any, Any] | None = None
        self._dispatcher: Dispatcher | None = None

        @self.define(output=True)
        def Show(*, value: ANYTHING) -> None:
            return NodeResult(ui={"shown": [value]})

        @self.define(outputs=("value",))
        def Value(*, value: int = 0) -> ANYTHING:
            return value

    def define(self, **marks: Any) -> Callable[[Callable[..., Any]], NodeDefinition]:
        def mark(function: Callable[..., Any]) -> NodeDefinition:
            name = marks.pop("name", function.__name__)
            definition = node(name=name, title=name, category="test", **marks)(function)
            self.definitions[name] = definition
            return definition

        return mark

    async def client(self) -> "TestClient[Any, Any]":
        if self._client is None:
            worker = InProcessWorker("local", InProcessBackend(self.definitions, {}, self.policy))
            journal = SqliteJournal(self.folders.data / "limner.sqlite")
            self._dispatcher = Dispatcher(journal, [worker], concurrency=self.concurrency)
            service = Service(
                dispatcher=self._dispatcher,
                folders=self.folders,
                lists=FolderLists(self.folders),
                settings=self.settings,
            )
            application = create_application(service)
            application[PACKS] = self.packs  # type: ignore[misc, assignment]
            self._client = TestClient(TestServer(application))
            await self._client.start_server()
            self._dispatcher.start()
        return self._client

    async def socket(self, client: str, **flags: bool) -> Any:
        socket = await (await self.client()).ws_connect(f"/ws?clientId={client}")
        if flags:
            await socket.send_json({"type": "feature_flags", "data": flags})
            while (await socket.receive_json())["type"] != "feature_flags":
                pass
        return socket

    async def post(self, prompt: Any, **fields: Any) -> tuple[int, dict[str, Any]]:
        answer = await (await self.client()).post("/prompt", json={"prompt": prompt, **fields})
        return answer.status, await answer.json()

    async def refused(self, prompt: Any, **fields: Any) -> dict[str, Any]:
        status, body = await self.post(prompt, **fields)
        assert status == 400, body
        return body

    async def run(self, prompt: Any, *, flags: dict[str, bool] | None = None, **fields: Any) -> Run:
        """Posts a prompt and follows it to its end."""
        socket = await self.socket("tester", **(flags or {}))
        status, body = await self.post(prompt, client_id="tester", **fields)
        assert status == 200, body
        messages = await follow(socket)
        await socket.close()
        entries = await (await (await self.client()).get(f"/history/{body['prompt_id']}")).json()
        return Run(messages, entries[body["prompt_id"]])

    async def close(self) -> None:
        if self._client is not None and self._dispatcher is not None:
            await self._client.close()
            await asyncio.to_thread(self._dispatcher.stop)
            self._dispatcher.journal.close()


async def follow(socket: Any, seconds: float = 20.0) -> list[Any]:
    """What a socket receives to the end of a run; texts decoded."""
    received: list[Any] = []
    async with asyncio.timeout(seconds):
        while True:
            message = await socket.receive()
            assert message.type.name in ("TEXT", "BINARY"), message
            received.append(message.json() if message.type.name == "TEXT" else message.data)
            told = received[-1]
            if isinstance(told, dict) and told["type"] == "executing" and told["data"]["node"] is None:
                return received


def use(class_type: str, **inputs: Any) -> dict[str, Any]:
    """A node of a prompt; ``"@id"`` is a link to output 0 of ``id``, ``"@id:n"`` to output n."""
    return {"class_type": class_type, "inputs": {name: link(value) for name, value in inputs.items()}}


def link(value: Any) -> Any:
    if isinstance(value, str) and value.startswith("@"):
        source, _, output = value[1:].partition(":")
        return [source, int(output or 0)]
    return value


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[Peer]:
    folders = Folders.under(tmp_path)
    folders.create()
    found = Peer(folders)
    yield found
    await found.close()


@pytest.fixture
def make() -> Callable[..., dict[str, Any]]:
    return use


@pytest.fixture
def read() -> Callable[..., Any]:
    """Reads a socket to the end of a run."""
    return follow
