"""Plays scenarios of Comfy API v2 against an application, and writes down what was answered."""

import asyncio
import json
import re
import struct
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
SCENARIOS = sorted(path.stem for path in (HERE / "scenarios").glob("*.yaml"))
HEADERS = (
    "Content-Type", "Content-Range", "Accept-Ranges", "ETag", "Allow", "Retry-After", "Cache-Control",
    "Content-Disposition", "X-Content-Type-Options", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods",
    "Access-Control-Allow-Headers", "Access-Control-Expose-Headers", "Access-Control-Allow-Credentials",
)  # fmt: skip
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
MILLISECONDS = re.compile(r'("(?:queue|execution)_ms": ?)\d+')
CURSOR = re.compile(r'("next_cursor": ?)"[^"]+"|cursor=[\w-]{20,}')
NOBODY = "00000000-0000-0000-0000-000000000000"
EDGE = "----limner"


class Player:
    """Plays one scenario."""

    def __init__(self, client: Any, data: Path, go_on: Any) -> None:
        self._client, self._data, self._go_on = client, data, go_on
        self._kept: dict[str, str] = {"data": str(data)}
        self._ids: dict[str, str] = {NOBODY: NOBODY}

    async def play(self, steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [await self._step(step) for step in steps]

    async def _step(self, step: dict[str, Any]) -> dict[str, Any]:
        if "let" in step:
            self._go_on()
        request = self._filled(step["request"])
        answer = await self._asked(request)
        async with asyncio.timeout(20):
            while "until" in step and answer["body"]["status"] != step["until"]:
                await asyncio.sleep(0.01)
                answer = await self._asked(request)
        for name, path in step.get("keep", {}).items():
            self._kept[name] = _at(answer["body"], path)
        for path in step.get("loose", ()):
            above, _, name = path.rpartition(".")
            (_at(answer["body"], above) if above else answer["body"]).pop(name)
        return self._plain({"name": step["name"], "request": request, "answer": answer})

    async def _asked(self, request: dict[str, Any]) -> dict[str, Any]:
        headers = dict(request.get("headers", {}))
        data, kind = _body(request)
        if kind:
            headers["Content-Type"] = kind
        answer = await self._client.request(request["method"], f"/api/v2{request['path']}", data=data, headers=headers)
        assert answer.headers.get("X-Comfy-Request-Id"), request
        raw = await answer.read()
        shown = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
        is_json = answer.content_type == "application/json" and raw
        return {"status": answer.status, "headers": shown, "body": json.loads(raw) if is_json else raw.decode()}

    def _filled(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._filled(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        if isinstance(value, str):
            for name, text in self._kept.items():
                value = value.replace(f"{{{name}}}", text)
        return value

    def _plain(self, exchange: dict[str, Any]) -> dict[str, Any]:
        """An exchange without what differs from time to time."""
        text = json.dumps(exchange, ensure_ascii=False)
        text = TIME.sub("<time>", text.replace(f"http://127.0.0.1:{self._client.port}", "<server>"))
        text = text.replace(f"127.0.0.1:{self._client.port}", "<host>")
        text = UUID.sub(lambda found: self._ids.setdefault(found[0], f"<id {len(self._ids)}>"), text)
        text = MILLISECONDS.sub(r'\1"<milliseconds>"', text.replace(str(self._data), "<data>"))
        return json.loads(CURSOR.sub(lambda found: f'{found[1]}"<cursor>"' if found[1] else "cursor=<cursor>", text))


def _body(request: dict[str, Any]) -> tuple[bytes | None, str]:
    if "form" in request:
        return _form(request), f"multipart/form-data; boundary={EDGE}"
    if "json" in request:
        return json.dumps(request["json"]).encode(), "application/json"
    return request["body"].encode() if "body" in request else None, ""


def _form(request: dict[str, Any]) -> bytes:
    """A form as the client writes it: the file last, its name as it is, quotes included."""
    fields = [(name, text) for name, given in request["form"].items() for text in _each(given)]
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode() for name, text in fields]
    data = request["file"].encode() if "file" in request else None
    if "model" in request:
        header = json.dumps({"__metadata__": {"name": request["model"]}}).encode()
        data = struct.pack("<Q", len(header)) + header
    if "large" in request:
        data = bytes(request["large"])
    if data is not None:
        head = f'Content-Disposition: form-data; name="file"; filename="{request["form"].get("file_path", "")}"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + data)
    return b"".join(f"--{EDGE}\r\n".encode() + part + b"\r\n" for part in parts) + f"--{EDGE}--\r\n".encode()


def _each(given: Any) -> list[str]:
    return given if isinstance(given, list) else [given]


def _at(body: Any, path: str) -> Any:
    for key in path.split("."):
        body = body[int(key)] if key.isdigit() else body[key]
    return body


def scenario(name: str) -> list[dict[str, Any]]:
    """The steps of a scenario."""
    return yaml.safe_load((HERE / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8"))


def record_of(name: str) -> Path:
    """Where the exchanges of a scenario are."""
    return HERE / "exchanges" / f"{name}.json"
