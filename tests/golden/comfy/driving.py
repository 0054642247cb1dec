"""Plays a recorded exchange against a running server, step by step."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import struct
from collections.abc import Mapping
from typing import Any

import aiohttp
from PIL import Image
from tests.golden.comfy.matching import differences, filled

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
SECONDS = 60.0


class Exchange:
    """One exchange: requests with the answers they must get, sockets with the messages they must hear.

    Steps:
        ``get: /path`` (post, put, patch, delete, head, options) with ``json``, ``raw``, ``form``, ``headers``, and what
            must come: ``status``, ``answer`` (a pattern), ``text``, ``answer_headers``, ``image``.
        ``open: name`` with ``client`` (or none), and ``first``: the pattern of its first message.
        ``say: name`` with ``json`` or ``raw``.
        ``hear: name`` with ``until`` (a pattern) and ``messages`` (patterns, all) or ``types`` (their types in order).
        ``hear_nothing: name``: nothing comes for a short while.
        ``wait: $job``: until the job is in the history.
    """

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url, self._session = url, session
        self.known: dict[str, Any] = {}
        self._sockets: dict[str, aiohttp.ClientWebSocketResponse] = {}

    async def play(self, steps: list[dict[str, Any]]) -> None:
        """Plays all steps; a difference fails the test and says which step."""
        try:
            for number, step in enumerate(steps, 1):
                kind = next(iter(step))
                play = self._request if kind in METHODS else getattr(self, f"_{kind}")
                found = await play(step)
                assert not found, f"step {number} ({kind} {step[kind]}):\n" + "\n".join(found)
        finally:
            for socket in self._sockets.values():
                await socket.close()

    async def _request(self, step: dict[str, Any]) -> list[str]:
        method = next(iter(step))
        options = self._body(filled(step, self.known))
        path = filled(step[method], self.known)
        url = aiohttp.client.URL(self._url + path, encoded=True)
        async with self._session.request(method, url, allow_redirects=False, **options) as response:
            body = await response.read()
        found = []
        if response.status != step.get("status", 200):
            found.append(f"status: expected {step.get('status', 200)}, came {response.status}: {body[:600]!r}")
        for name, wanted in (step.get("answer_headers") or {}).items():
            found += differences(wanted, response.headers.get(name), self.known, name)
        return found + self._content(step, body)

    def _body(self, step: Mapping[str, Any]) -> dict[str, Any]:
        options: dict[str, Any] = {"headers": step.get("headers") or {}}
        if "json" in step:
            options["json"] = step["json"]
        if "raw" in step:
            options["data"] = step["raw"].encode()
        if "form" in step:
            form = options["data"] = aiohttp.FormData()
            for name, value in step["form"].items():
                if isinstance(value, Mapping):
                    form.add_field(name, _file(value), filename=value.get("filename", "a.png"))
                else:
                    form.add_field(name, str(value))
        return options

    def _content(self, step: Mapping[str, Any], body: bytes) -> list[str]:
        if "text" in step:
            return differences(step["text"], body.decode(), self.known, "text")
        if "image" in step:
            return _picture(step["image"], body)
        if "answer" not in step:
            return []
        try:
            value = json.loads(body)
        except ValueError:
            return [f"the answer is no JSON: {body[:300]!r}"]
        return differences(step["answer"], value, self.known)

    async def _open(self, step: dict[str, Any]) -> list[str]:
        client = filled(step.get("client"), self.known)
        parameters = {"clientId": client} if client else {}
        path = step.get("path", "/ws")
        socket = await self._session.ws_connect(self._url + path, params=parameters, max_msg_size=0)
        self._sockets[step["open"]] = socket
        first = await self._next(socket)
        return differences(step["first"], first, self.known, "first") if "first" in step else []

    async def _say(self, step: dict[str, Any]) -> list[str]:
        text = step["raw"] if "raw" in step else json.dumps(filled(step["json"], self.known))
        await self._sockets[step["say"]].send_str(text)
        return []

    async def _close(self, step: dict[str, Any]) -> list[str]:
        await self._sockets.pop(step["close"]).close()
        return []

    async def _hear(self, step: dict[str, Any]) -> list[str]:
        socket, heard = self._sockets[step["hear"]], []
        ignored = set(step.get("ignore", ()))
        while True:
            message = await self._next(socket)
            if message["type"] not in ignored:
                heard.append(message)
            if not differences(step["until"], message, dict(self.known)):
                break
        if "types" in step:
            types = [message["type"] for message in heard]
            return [] if types == step["types"] else [f"types: expected {step['types']}, came {types}"]
        return differences(step.get("messages", ["..."]), heard, self.known, "messages")

    async def _hear_nothing(self, step: dict[str, Any]) -> list[str]:
        try:
            message = await asyncio.wait_for(self._next(self._sockets[step["hear_nothing"]]), 0.7)
        except TimeoutError:
            return []
        return [f"expected nothing, came {message!r}"]

    async def _wait(self, step: dict[str, Any]) -> list[str]:
        job = filled(step["wait"], self.known)
        for _ in range(int(SECONDS / 0.05)):
            async with self._session.get(f"{self._url}/history/{job}") as response:
                if job in await response.json():
                    return []
            await asyncio.sleep(0.05)
        return [f"{job} did not end"]

    async def _next(self, socket: aiohttp.ClientWebSocketResponse) -> dict[str, Any]:
        message = await asyncio.wait_for(socket.receive(), SECONDS)
        if message.type is aiohttp.WSMsgType.TEXT:
            return json.loads(message.data)
        if message.type is aiohttp.WSMsgType.BINARY:
            return _frame(message.data)
        raise AssertionError(f"the socket ended: {message}")


def _frame(data: bytes) -> dict[str, Any]:
    """A binary frame as a message, so that patterns can be written for it."""
    kind, number = struct.unpack_from(">II", data)
    if kind == 4:
        facts, image = json.loads(data[8 : 8 + number]), data[8 + number :]
        return {"type": "binary 4", "data": facts, "image": _facts(image)}
    if kind == 3:
        return {
            "type": "binary 3",
            "data": {"node": data[8 : 8 + number].decode(), "text": data[8 + number :].decode()},
        }
    return {"type": f"binary {kind}", "data": {"format": number}, "image": _facts(data[8:])}


def _facts(image: bytes) -> dict[str, Any]:
    with Image.open(io.BytesIO(image)) as picture:
        return {"format": picture.format, "size": list(picture.size), "mode": picture.mode}


def _picture(wanted: Mapping[str, Any], body: bytes) -> list[str]:
    with Image.open(io.BytesIO(body)) as picture:
        facts: dict[str, Any] = {"format": picture.format, "size": list(picture.size), "mode": picture.mode}
        if "pixel" in wanted:
            value = picture.getpixel((0, 0))
            facts["pixel"] = list(value) if isinstance(value, tuple) else value
        if "chunks" in wanted:
            facts["chunks"] = {key: json.loads(text) for key, text in picture.text.items()}
    return differences(dict(wanted), facts, {}, "image")


def _file(value: Mapping[str, Any]) -> bytes:
    """The bytes of an uploaded file: a picture of one colour, or a text, or base64."""
    if "text" in value:
        return value["text"].encode()
    if "base64" in value:
        return base64.b64decode(value["base64"])
    colour, size = tuple(value.get("colour", (255, 0, 0))), tuple(value.get("size", (16, 8)))
    data = io.BytesIO()
    Image.new("RGBA" if len(colour) == 4 else "RGB", size, colour).save(data, "PNG")
    return data.getvalue()
