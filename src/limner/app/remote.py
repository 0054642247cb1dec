"""Runs a workflow on a server that speaks ComfyUI's API (Limner, or ComfyUI itself) and fetches the pictures."""

import asyncio
import json
import sys
import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

from limner.app.asking import KEY, address_of, key_headers, unreachable
from limner.app.display import Display, failure_lines
from limner.app.preparation import Changes, apply_changes
from limner.app.results import results_of, save_fetched
from limner.engine.events import (
    AnyEvent,
    Failed,
    Failure,
    Interrupted,
    NodeOutput,
    NodePlace,
    NodePreview,
    NodeProgress,
    NodeStarted,
    Recalled,
    Succeeded,
)
from limner.graph.api_document import to_document
from limner.graph.catalog import Catalog
from limner.graph.document import Workflow, read_workflow
from limner.graph.errors import GraphError, LimnerError, WorkerLostError
from limner.graph.graph import Graph
from limner.graph.node_type import Input, NodeType, Output


def run_remotely(server: str, workflow: bytes, changes: Changes, *, out: Path, quiet: bool) -> dict[str, Any]:
    """Runs a workflow there.

    Args:
        server: ``http://host:port``; ``host:port`` and ``port`` mean the same.
        workflow: The file's content.
        changes: What the command line changes.
        out: Folder for the pictures.
        quiet: Show nothing.

    Returns:
        The fields of a Report.

    Raises:
        GraphError: if the server refuses the graph.
        WorkerLostError: if the server cannot be reached.
    """
    address = address_of(server)
    try:
        return asyncio.run(_Remote(address, out, quiet).run(workflow, changes))
    except aiohttp.ClientError as error:
        raise unreachable(server, error) from error


class _Remote:
    """One run on one server."""

    def __init__(self, server: str, out: Path, quiet: bool) -> None:
        self._server, self._out, self._quiet = server, out, quiet
        self._client = uuid.uuid4().hex

    async def run(self, workflow: bytes, changes: Changes) -> dict[str, Any]:
        started = time.monotonic()
        async with aiohttp.ClientSession(headers=key_headers()) as session:
            catalog, lists = await self._catalog(session)
            read = read_workflow(workflow, catalog, lists.__getitem__)
            graph = apply_changes(read.graph, changes, catalog)
            async with session.ws_connect(f"{self._server}/ws?clientId={self._client}", max_msg_size=0) as socket:
                job, notes = await self._submit(session, graph, read)
                for note in () if self._quiet else notes:
                    print(note, file=sys.stderr)
                with Display(graph, quiet=self._quiet) as display:
                    await self._follow(session, socket, job, display)
            files = await self._fetch(session, job)
        outcome = display.outcome
        messages = failure_lines(outcome) if isinstance(outcome, Failed) else []
        status = "succeeded" if isinstance(outcome, Succeeded) else "failed" if messages else "interrupted"
        seconds = round(time.monotonic() - started, 2)
        return {
            "job": job, "status": status, "files": files, "notes": notes, "messages": tuple(messages),
            "seconds": seconds,
        }  # fmt: skip

    async def _catalog(self, session: aiohttp.ClientSession) -> tuple[Catalog, dict[str, list[str]]]:
        """What the server can do.

        Raises:
            LimnerError: if it wants a key.
            WorkerLostError: if what answers does not speak ComfyUI's API.
        """
        async with session.get(f"{self._server}/object_info") as answer:
            body = await answer.read()
        try:
            if answer.status == 200:
                return read_object_info(json.loads(body))
        except (ValueError, TypeError, KeyError, AttributeError):
            pass  # It is told below, like any other answer that is none of ComfyUI's.
        if answer.status in (401, 403):
            raise LimnerError(f"{self._server} asks for a key: put one that it takes into the variable {KEY}.")
        raise WorkerLostError(
            f"{self._server}/object_info answered with status {answer.status} and not with ComfyUI's list of nodes. "
            "Give --server the address of a Limner or ComfyUI, for instance http://127.0.0.1:8188."
        )

    async def _submit(
        self, session: aiohttp.ClientSession, graph: Graph, read: Workflow
    ) -> tuple[str, tuple[str, ...]]:
        extra = {"extra_pnginfo": dict(read.extra_pnginfo)} if read.extra_pnginfo else {}
        body = {"prompt": to_document(graph), "client_id": self._client, "extra_data": extra}
        async with session.post(f"{self._server}/prompt", json=body) as answer:
            reply = await answer.json(content_type=None)
        if "prompt_id" not in reply:
            raise GraphError("\n".join(_refusal(reply)))
        return reply["prompt_id"], tuple(reply.get("limner_notes", ()))

    async def _follow(
        self, session: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse, job: str, display: Display
    ) -> None:
        try:
            async for message in socket:
                event = read_message(message, job)
                if event is not None:
                    display.take(event)
                if _is_end(message, job):
                    return
        except asyncio.CancelledError:
            async with session.post(f"{self._server}/interrupt", json={"prompt_id": job}):
                pass
            raise

    async def _fetch(self, session: aiohttp.ClientSession, job: str) -> tuple[str, ...]:
        async with session.get(f"{self._server}/history/{job}") as answer:
            entry = (await answer.json(content_type=None)).get(job, {})
        return tuple([await self._download(session, file) for file in results_of(entry.get("outputs", {}).values())])

    async def _download(self, session: aiohttp.ClientSession, file: Mapping[str, str]) -> str:
        async with session.get(f"{self._server}/view", params=dict(file)) as answer:
            if answer.status != 200:
                raise LimnerError(f"{file['filename']} is gone from the server (status {answer.status}).")
            return str(save_fetched(self._out, file, await answer.read()))


def _refusal(reply: Mapping[str, Any]) -> list[str]:
    error = reply.get("error") or {}
    lines = [f"The server refused it: {error.get('message', reply)} {error.get('details', '')}".rstrip()]
    for node, entry in (reply.get("node_errors") or {}).items():
        for problem in entry.get("errors", ()):
            lines.append(f"  node {node} ({entry.get('class_type')}): {problem['message']}: {problem['details']}")
    return lines


def _is_end(message: aiohttp.WSMessage, job: str) -> bool:
    if message.type is not aiohttp.WSMsgType.TEXT:
        return message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
    told = json.loads(message.data)
    data = told.get("data", {})
    return told.get("type") == "executing" and data.get("node") is None and data.get("prompt_id") == job


def read_message(message: aiohttp.WSMessage, job: str) -> AnyEvent | None:
    """The event that a message of ComfyUI's WebSocket tells, or None."""
    now = time.time_ns() // 1_000_000
    if message.type is aiohttp.WSMsgType.BINARY:
        kind, image = int.from_bytes(message.data[:4]), bytes(message.data[8:])
        place = NodePlace.of("")
        return NodePreview(job=job, time=now, place=place, image=image, media_type="") if kind == 1 else None
    if message.type is not aiohttp.WSMsgType.TEXT:
        return None
    told = json.loads(message.data)
    data = told.get("data", {})
    if data.get("prompt_id") != job:
        return None
    return _event(told.get("type"), data, job, now)


def _event(kind: str, data: Mapping[str, Any], job: str, now: int) -> AnyEvent | None:
    place = NodePlace.of(str(data.get("display_node") or data.get("node") or data.get("node_id") or ""))
    match kind:
        case "executing" if data.get("node") is not None:
            return NodeStarted(job=job, time=now, place=place)
        case "progress":
            return NodeProgress(job=job, time=now, place=place, value=data["value"], total=data["max"])
        case "executed":
            return NodeOutput(job=job, time=now, place=place, ui=data.get("output"))
        case "execution_cached":
            return Recalled(job=job, time=now, nodes=tuple(data["nodes"]))
        case "execution_success":
            return Succeeded(job=job, time=now)
        case "execution_interrupted":
            return Interrupted(job=job, time=now, place=place)
        case "execution_error":
            failure = Failure(
                place=place,
                node_type=data.get("node_type", ""),
                error_type=data.get("exception_type", ""),
                message=data.get("exception_message", ""),
            )
            return Failed(job=job, time=now, failure=failure)
        case _:
            return None


def read_object_info(info: Mapping[str, Any]) -> tuple[Catalog, dict[str, list[str]]]:
    """Node types from a server's ``/object_info``; choices are fixed to what the server listed."""
    nodes = {name: _node_type(name, entry) for name, entry in info.items()}
    return Catalog(nodes=nodes), {}


def _node_type(name: str, entry: Mapping[str, Any]) -> NodeType:
    inputs = [
        _input(key, declared, required=group == "required")
        for group in ("required", "optional")
        for key, declared in (entry["input"].get(group) or {}).items()
    ]
    types, names = entry.get("output") or [], entry.get("output_name") or []
    outputs = tuple(
        Output(name=str(label), type=kind if isinstance(kind, str) else "COMBO")
        for kind, label in zip(types, names or types, strict=False)
    )
    return NodeType(
        name=name,
        title=entry.get("display_name") or name,
        category=entry.get("category", ""),
        doc=entry.get("description", ""),
        inputs=tuple(inputs),
        outputs=outputs,
        is_output=bool(entry.get("output_node")),
    )


def _input(name: str, declared: Any, *, required: bool) -> Input:
    kind, *rest = declared if isinstance(declared, list) else [declared]
    options = dict(rest[0]) if rest and isinstance(rest[0], dict) else {}
    choices = kind if isinstance(kind, list) else options.get("options") if kind == "COMBO" else None
    return Input(
        name=name,
        type="COMBO" if isinstance(kind, list) else str(kind),
        required=required,
        options=options,
        choices=None if choices is None else tuple(choices),
    )
