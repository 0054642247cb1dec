"""Another Limner or ComfyUI: whole graphs, with what they tell on the way, and plain pictures as the usual graph.

Source: ComfyUI's HTTP and WebSocket API as its documentation and any of its clients use it.
"""

import asyncio
import contextlib
import hashlib
import urllib.parse
import uuid
from collections.abc import Mapping
from typing import Any

import aiohttp

from limner.graph.api_document import to_document
from limner.graph.elsewhere import PictureOrder
from limner.graph.errors import InterruptedRun
from limner.providers.calling import Caller
from limner.providers.comfy_events import Ended, read_binary, read_message
from limner.providers.files import files_in
from limner.providers.plain_graph import HOLE, ORIGIN, PICTURE, plain_graph
from limner.providers.provider import Drawn, GraphOrder, Kind, Tell, Told
from limner.providers.refusal import ProviderError
from limner.providers.settings import ProviderSettings

SILENCE = 5.0
"""Seconds without a message after which the history is asked whether the run has ended."""

BETWEEN_LOOKS = 0.5
"""Seconds between two looks into the history of a service whose socket is gone."""

JOBS = uuid.UUID("5b0f7a3e-3f64-4c39-9d3c-5d1f6f0c9a71")
"""The namespace in which ids of jobs here are ids of jobs there, since services may want UUIDs."""

DEEPEST = 3
"""Slashes in a model's name: services that stand behind each other would list each other's names without end."""


class ComfyUI:
    """See ``GraphProvider``."""

    def __init__(self, caller: Caller, settings: ProviderSettings) -> None:
        self._caller, self._timeout = caller, settings.timeout

    async def models(self) -> list[str]:
        """See ``Provider``."""
        said = await self._caller.json("GET", "/object_info/CheckpointLoaderSimple")
        try:
            declared = said["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"]
            names = declared[1]["options"] if declared[0] == "COMBO" else declared[0]
            return [name for name in names if isinstance(name, str) and name.count("/") <= DEEPEST]
        except (LookupError, TypeError) as error:
            raise self._caller.misunderstood("no list of checkpoints") from error

    async def node_types(self) -> Mapping[str, Any]:
        """See ``GraphProvider``."""
        said = await self._caller.json("GET", "/object_info")
        if not isinstance(said, dict):
            raise self._caller.misunderstood("no list of nodes")
        return said

    async def draw(self, model: str, order: PictureOrder) -> Drawn:
        """See ``Provider``."""
        files = {name: content for name, content in ((ORIGIN, order.image), (HOLE, order.mask)) if content}
        saved: list[dict[str, str]] = []

        def tell(told: Told) -> None:
            if told.what == "output" and told.node == PICTURE:
                saved.extend(files_in(told.ui))

        await self.run(GraphOrder(graph=plain_graph(model, order), files=files), tell)
        if not saved:
            raise self._caller.misunderstood("no picture")
        return Drawn(picture=await self.fetch(saved[0]))

    async def fetch(self, file: Mapping[str, str]) -> bytes:
        """See ``GraphProvider``."""
        return await self._caller.body("GET", f"/view?{urllib.parse.urlencode(dict(file))}")

    async def run(self, order: GraphOrder, tell: Tell) -> None:
        """See ``GraphProvider``."""
        # A job that is sent again after a crash is the same job there, and does not run twice.
        job = str(uuid.uuid5(JOBS, order.job) if order.job else uuid.uuid4())
        client = uuid.uuid4().hex
        try:
            async with asyncio.timeout(self._timeout):
                document = await self._sent_along(to_document(order.graph), order.files)
                async with contextlib.AsyncExitStack() as stack:
                    socket = await self._listen(stack, client)
                    job = await self._submit(job, client, document, order)
                    told = await self._follow(job, socket, tell)
                await self._conclude(job, told, tell)
        except TimeoutError as error:
            await self._cancel(job)
            raise ProviderError(
                f"{self._caller.name} did not end the graph in {self._timeout:g} seconds.", reason="timeout", ill=True
            ) from error
        except (asyncio.CancelledError, InterruptedRun):
            await asyncio.shield(self._cancel(job))
            raise

    async def _sent_along(self, document: dict[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
        """Uploads input files; gives the document with the names that they have there."""
        names = {name: await self._upload(name, content) for name, content in files.items()}
        if not names:
            return document
        return {
            node: used
            | {
                "inputs": {
                    key: names.get(value, value) if isinstance(value, str) else value
                    for key, value in used["inputs"].items()
                }
            }
            for node, used in document.items()
        }

    async def _upload(self, name: str, content: bytes) -> str:
        """Puts a file into the service's input folder, under a name that no other content has."""
        bare = name.rpartition(" [")[0] if name.endswith("]") else name
        mark = hashlib.sha256(content).hexdigest()[:16]
        form = aiohttp.FormData()
        form.add_field("image", content, filename=f"{mark}-{bare.rpartition('/')[2]}")
        form.add_field("subfolder", "limner")
        form.add_field("overwrite", "true")
        said = await self._caller.json("POST", "/upload/image", data=form)
        if not isinstance(said, dict) or not isinstance(said.get("name"), str):
            raise self._caller.misunderstood("no name for an uploaded file")
        return f"{said['subfolder']}/{said['name']}" if said.get("subfolder") else said["name"]

    async def _listen(self, stack: contextlib.AsyncExitStack, client: str) -> aiohttp.ClientWebSocketResponse | None:
        """A socket that tells of the run; without one the history is asked."""
        try:
            return await stack.enter_async_context(self._caller.socket(f"/ws?clientId={client}"))
        except ProviderError as error:
            if error.reason == "unreachable":
                raise
            return None

    async def _submit(self, job: str, client: str, document: dict[str, Any], order: GraphOrder) -> str:
        """Puts a graph into the service's queue. Returns: the job's id there; old services choose it themselves."""
        body: dict[str, Any] = {"prompt": document, "prompt_id": job, "client_id": client}
        body["extra_data"] = dict(order.extra) | ({"preview_method": "auto"} if order.previews else {})
        if order.targets:
            body["partial_execution_targets"] = list(order.targets)
        said = await self._caller.json("POST", "/prompt", json=body)
        named = said.get("prompt_id") if isinstance(said, dict) else None
        if not isinstance(named, str) or not named:
            raise self._caller.misunderstood("no id of a job")
        return named

    async def _follow(self, job: str, socket: aiohttp.ClientWebSocketResponse | None, tell: Tell) -> set[str]:
        """Passes on what the run tells until it has ended; the nodes whose output was told."""
        seen: set[str] = set()
        place = ""
        while True:
            message = await _next(socket)
            if message is None:  # nothing was said for a while, or nobody is there to say it
                socket = None if socket is not None and socket.closed else socket
                if await self._history(job):
                    return seen
                continue
            if message.type is aiohttp.WSMsgType.BINARY:
                told: Told | Ended | None = read_binary(message.data, job, place)
            else:
                told = read_message(message.data, job)
            if isinstance(told, Ended):
                return seen
            if told is not None:
                place = told.node if told.what == "node" else place
                seen |= {told.node} if told.what == "output" else set()
                tell(told)

    async def _conclude(self, job: str, told: set[str], tell: Tell) -> None:
        """Tells the outputs that no message told of; raises if the run did not end well."""
        entry = await self._awaited_history(job)
        status = entry.get("status") or {}
        if status.get("status_str") == "error":
            raise _failed(self._caller.name, status.get("messages") or [])
        for node, ui in (entry.get("outputs") or {}).items():
            if node not in told and isinstance(ui, dict):
                tell(Told(what="output", node=node, ui=ui))

    async def _awaited_history(self, job: str) -> Mapping[str, Any]:
        """What the history says of a run that has ended; it may come a moment later than the last message."""
        while True:
            entry = await self._history(job)
            if entry:
                return entry
            await asyncio.sleep(BETWEEN_LOOKS)

    async def _history(self, job: str) -> Mapping[str, Any]:
        said = await self._caller.json("GET", f"/history/{job}")
        return said.get(job) or {} if isinstance(said, dict) else {}

    async def _cancel(self, job: str) -> None:
        """Stops a run, whether it runs or waits; nobody is there any more who would want to know if that fails."""
        with contextlib.suppress(ProviderError):
            await self._caller.body("POST", "/queue", json={"delete": [job]})
            await self._caller.body("POST", "/interrupt", json={"prompt_id": job})


async def _next(socket: aiohttp.ClientWebSocketResponse | None) -> aiohttp.WSMessage | None:
    """The next message; None if there was none for a while."""
    if socket is None:
        await asyncio.sleep(BETWEEN_LOOKS)
        return None
    try:
        message = await socket.receive(timeout=SILENCE)
    except TimeoutError:
        return None
    return message if message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY) else None


def _failed(name: str, messages: Any) -> ProviderError:
    """The reason that a service's history gives."""
    for kind, data in messages:
        if kind == "execution_error":
            where = f"node {data.get('node_id')} ({data.get('node_type')})"
            said = str(data.get("exception_message", "")).strip()
            return ProviderError(f"{name}: {where} failed: {said}", reason="graph failed")
        if kind == "execution_interrupted":
            return ProviderError(f"{name}: the run was stopped there.", reason="stopped there")
    return ProviderError(f"{name}: the run failed without a reason.", reason="graph failed")


KIND = Kind("comfyui", ComfyUI, takes_graphs=True)
