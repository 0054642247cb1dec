"""The client for asyncio programs: what it asks and how answers become results. ``client`` is the same for others."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import aiohttp

from limner_client.catalogue import Nodes
from limner_client.errors import AnswerError, JobFailedError, JobInterruptedError, RefusedError, UnreachableError
from limner_client.errors import WaitTimeoutError as WaitTimeout
from limner_client.listening import Listener
from limner_client.messages import Event, Preview, Text
from limner_client.nodes import Node, Output
from limner_client.results import File, Picture, Result, files_of
from limner_client.workflow import Workflow, document_of

LOOK_SECONDS = 2.0
"""How long nothing may come before a client looks into the history whether the job has ended."""

SOCKET_NODE = "SaveImageWebsocket"

Submittable = Workflow | Node | Output | Mapping[str, Any]


@dataclass(frozen=True)
class AsyncJob:
    """A job that a server has accepted.

    Attributes:
        id: Its id.
        number: Its place in the queue's order.
        node_errors: What was wrong with parts of the workflow that will not run; empty if nothing was.
    """

    client: AsyncClient
    id: str
    number: float
    node_errors: Mapping[str, Any] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)
    submitted: float = field(default_factory=time.monotonic)

    async def events(self) -> AsyncIterator[Event]:
        """What happens, until the job has ended. May be read once."""
        async for event in self.client.listener.events(self.id, LOOK_SECONDS):
            if event is not None:
                yield event
            elif await self._has_left():
                return

    async def _has_left(self) -> bool:
        """Whether the job is neither waiting nor running any more, as far as the server's lists say."""
        if await self.client.history(self.id):
            return True
        lists = await self.client.queue()
        present = any(entry[1] == self.id for entries in lists.values() for entry in entries)
        # Between the two looks it may have moved from the queue into the history.
        return not present

    async def wait(self, timeout: float | None = None) -> Result:
        """Waits for the end and fetches the pictures.

        Raises:
            JobFailedError: if a node failed.
            JobInterruptedError: if the job was stopped or taken out of the queue.
            WaitTimeoutError: after ``timeout`` seconds; the job goes on.
        """
        try:
            return await asyncio.wait_for(self._wait(), timeout)
        except TimeoutError:
            raise WaitTimeout(f"Job {self.id} was not done after {timeout} s; it goes on.") from None

    async def cancel(self) -> None:
        """Takes it out of the queue, or stops it if it runs."""
        await self.client.cancel(self.id)

    async def _wait(self) -> Result:
        told: list[Event] = [event async for event in self.events() if not _is_glimpse(event, self.document)]
        return await self.client.result(self, told)


class AsyncClient:
    """Talks to a server that speaks ComfyUI's API: Limner, or ComfyUI itself.

    async with AsyncClient() as client:
        result = await client.run(workflow)
        result.pictures[0].save("picture.png")
    """

    def __init__(
        self,
        server: str = "http://127.0.0.1:8188",
        *,
        api_key: str | None = None,
        client_id: str | None = None,
        timeout: float = 60.0,
    ) -> None:
        """Opens nothing yet.

        Args:
            server: Its address.
            api_key: Sent as a bearer token.
            client_id: Under which it listens; a new one if absent.
            timeout: Seconds that an answer may take.
        """
        self.server = (server if "://" in server else f"http://{server}").rstrip("/")
        self.client_id = client_id or uuid.uuid4().hex
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None
        self.listener = Listener(lambda: self._http().ws_connect(f"{self.server}/ws", params=self._id, max_msg_size=0))
        """Its socket."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes all connections; jobs go on."""
        await self.listener.close()
        if self._session is not None:
            await self._session.close()

    # Jobs

    async def submit(
        self,
        workflow: Submittable,
        *,
        job_id: str | None = None,
        front: bool = False,
        priority: float | None = None,
        targets: Sequence[str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> AsyncJob:
        """Puts a workflow into the queue.

        Args:
            workflow: A Workflow, a node, or a document (a graph editor's file too, on a Limner server).
            job_id: A UUID of your own for the job.
            front: Before all others.
            priority: Lower runs first; overrides ``front``.
            targets: Ids of the output nodes to run; all if absent.
            extra: Kept with the job; ``extra_pnginfo`` is written into pictures.

        Raises:
            RefusedError: if it cannot run; says what is wrong, by node.
        """
        await self.listener.open(self._timeout)
        document = document_of(workflow)
        body: dict[str, Any] = {"prompt": document, "client_id": self.client_id}
        choices = {"prompt_id": job_id, "number": priority, "partial_execution_targets": targets, "extra_data": extra}
        body |= {name: value for name, value in choices.items() if value is not None}
        body |= {"front": True} if front else {}
        answer = await self.post("/prompt", body)
        return AsyncJob(self, answer["prompt_id"], answer["number"], answer.get("node_errors") or {}, document)

    async def run(self, workflow: Submittable, *, timeout: float | None = None, **choices: Any) -> Result:
        """Submits and waits. ``choices`` are those of ``submit``; raises what ``submit`` and ``Job.wait`` raise."""
        job = await self.submit(workflow, **choices)
        return await job.wait(timeout)

    async def result(self, job: AsyncJob, told: Sequence[Event] = ()) -> Result:
        """What a finished job left.

        Args:
            job: The job.
            told: Events that were heard, for pictures that came over the socket.
        """
        entry = (await self.history(job.id)).get(job.id)
        if entry is None:
            raise JobInterruptedError(f"Job {job.id} left the queue without a result.")
        _raise_failure(job.id, entry)
        outputs: dict[str, Any] = entry.get("outputs") or {}
        files = [file for file in files_of(outputs) if file.kind in ("images", "gifs")]
        saved = [await self.picture(file) for file in files]
        sent = [
            Picture(data=event.image, media_type=event.media_type, node=event.data.get("node_id") or event.node)
            for event in told
            if isinstance(event, Preview)
        ]
        texts: dict[str, list[str]] = {
            node: list(lists["text"]) for node, lists in outputs.items() if isinstance(lists.get("text"), list)
        }
        for event in told:
            if isinstance(event, Text) and event.node is not None:
                texts.setdefault(event.node, []).append(event.text)
        seconds = time.monotonic() - job.submitted
        return Result(job=job.id, outputs=outputs, pictures=(*saved, *sent), texts=texts, seconds=seconds)

    async def cancel(self, job_id: str) -> None:
        """Takes a job out of the queue, or stops it if it runs."""
        await self.post("/queue", {"delete": [job_id]})
        await self.post("/interrupt", {"prompt_id": job_id})

    async def interrupt(self) -> None:
        """Stops whatever runs."""
        await self.post("/interrupt", {})

    async def queue(self) -> dict[str, Any]:
        """``queue_running`` and ``queue_pending``: lists of ``[number, id, document, extra, outputs]``."""
        return await self.get("/queue")

    async def clear_queue(self) -> None:
        """Takes all waiting jobs out of the queue."""
        await self.post("/queue", {"clear": True})

    async def history(self, job_id: str | None = None, *, max_items: int | None = None) -> dict[str, Any]:
        """Finished jobs by id; of one job ``{}`` while it is not done."""
        path = "/history" if job_id is None else f"/history/{job_id}"
        return await self.get(path, {} if max_items is None else {"max_items": str(max_items)})

    # Files

    async def upload(
        self,
        image: bytes | str | Path,
        name: str | None = None,
        *,
        subfolder: str = "",
        overwrite: bool = False,
        kind: str = "input",
    ) -> File:
        """Puts a picture where ``LoadImage`` finds it; gives its name there."""
        if not isinstance(image, bytes):
            name, image = name or Path(image).name, await asyncio.to_thread(Path(image).read_bytes)
        form = aiohttp.FormData()
        form.add_field(
            "image", image, filename=name or f"{uuid.uuid4().hex}.png", content_type="application/octet-stream"
        )
        form.add_field("type", kind)
        form.add_field("subfolder", subfolder)
        form.add_field("overwrite", "true" if overwrite else "false")
        answer = await self._answer("POST", "/upload/image", data=form)
        return File(filename=answer["name"], subfolder=answer["subfolder"], type=answer["type"])

    async def view(self, file: File) -> bytes:
        """A file's bytes."""
        return (await self.picture(file)).data

    async def picture(self, file: File) -> Picture:
        """A file with its media type."""
        async with self.request("GET", "/view", params=file.query) as response:
            return Picture(data=await response.read(), media_type=response.content_type, node=file.node, file=file)

    # What there is

    async def models(self, folder: str | None = None) -> list[str]:
        """File names of models in a folder; without one, the folders."""
        return await self.get("/models" if folder is None else f"/models/{folder}")

    async def embeddings(self) -> list[str]:
        """Names of learned words."""
        return await self.get("/embeddings")

    async def object_info(self, class_type: str | None = None) -> dict[str, Any]:
        """Node types by name."""
        return await self.get("/object_info" if class_type is None else f"/object_info/{class_type}")

    async def nodes(self) -> Nodes:
        """The server's node types, to be called: ``(await client.nodes()).KSampler(model=..., seed=7)``."""
        return Nodes.from_object_info(await self.object_info())

    async def system_stats(self) -> dict[str, Any]:
        """Versions, devices and memory."""
        return await self.get("/system_stats")

    async def features(self) -> dict[str, Any]:
        """What the server can do beyond the usual."""
        return await self.get("/features")

    async def free(self, *, models: bool = True, results: bool = False) -> None:
        """Lets the server give back memory."""
        await self.post("/free", {"unload_models": models, "free_memory": results})

    # Transport

    async def get(self, path: str, parameters: Mapping[str, str] | None = None) -> Any:
        """The JSON at a path."""
        return await self._answer("GET", path, params=parameters or {})

    async def post(self, path: str, body: Any) -> Any:
        """The JSON that is answered to a JSON body; None for an empty answer."""
        return await self._answer("POST", path, json=body)

    @asynccontextmanager
    async def request(self, method: str, path: str, **options: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """An answer to be read by the caller: forms, streams, other APIs of the server.

        Args:
            method: Of HTTP.
            path: Below the server's address.
            options: Of ``aiohttp``'s requests; with ``timeout`` another one than the client's.

        Raises:
            AnswerError: if it is refused.
            UnreachableError: if there is no answer.
        """
        async with self._request(method, path, **options) as response:
            await _refuse(response)
            yield response

    async def _answer(self, method: str, path: str, **options: Any) -> Any:
        async with self.request(method, path, **options) as response:
            text = await response.text()
        return json.loads(text) if text else None

    @property
    def _id(self) -> dict[str, str]:
        return {"clientId": self.client_id}

    def _http(self) -> aiohttp.ClientSession:
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=None, sock_connect=self._timeout, sock_read=None)
            self._session = aiohttp.ClientSession(headers=self._headers, timeout=timeout)
        return self._session

    def _request(self, method: str, path: str, **options: Any) -> _Request:
        options = {"timeout": aiohttp.ClientTimeout(total=self._timeout), **options}
        return _Request(self.server, self._http().request(method, self.server + path, **options))


class _Request:
    """A request whose failures say which server could not be reached."""

    def __init__(self, server: str, request: Any) -> None:
        self._server, self._request = server, request

    async def __aenter__(self) -> aiohttp.ClientResponse:
        try:
            return await self._request.__aenter__()
        except (aiohttp.ClientConnectionError, TimeoutError) as error:
            reason = str(error) or type(error).__name__
            raise UnreachableError(
                f"{self._server} cannot be reached ({reason}). Is `limner serve` running?"
            ) from error

    async def __aexit__(self, *error: Any) -> None:
        await self._request.__aexit__(*error)


async def _refuse(response: aiohttp.ClientResponse) -> None:
    """Raises what an answer that is no success means."""
    if response.status < 400:
        return
    text = await response.text(errors="replace")
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    error = body.get("error") if isinstance(body, dict) else None
    if isinstance(body, dict) and isinstance(error, dict) and "node_errors" in body:
        raise RefusedError(error, body["node_errors"] or {}, response.status)
    message = error.get("message") if isinstance(error, dict) else error
    message = message or (body.get("detail") if isinstance(body, dict) else None)
    raise AnswerError(
        f"{response.url.path}: {response.status} {message or text[:300] or response.reason}", response.status
    )


def _raise_failure(job: str, entry: Mapping[str, Any]) -> None:
    status = entry.get("status") or {}
    for kind, data in status.get("messages") or ():
        if kind == "execution_error":
            raise JobFailedError(job, data)
        if kind == "execution_interrupted":
            raise JobInterruptedError(f"Job {job} was stopped.")
    if status.get("completed") is False:
        raise JobFailedError(job, {"exception_message": status.get("status_str") or "no reason was given"})


def _is_glimpse(event: Event, document: Mapping[str, Any]) -> bool:
    """Whether it is a preview of an unfinished picture."""
    if not isinstance(event, Preview):
        return False
    node = event.data.get("real_node_id") or event.data.get("node_id")
    entry = document.get(str(node)) if node is not None else None
    if isinstance(entry, Mapping):
        return entry.get("class_type") != SOCKET_NODE
    return event.media_type != "image/png"
