"""Recorded exchanges with apps: how a case becomes a request, and an answer what is recorded of it."""

import io
import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image

FILE = Path(__file__).with_name("exchanges.json")
WORKFLOWS = FILE.parents[1] / "workflows"
PATIENCE = 180.0
HEADERS = ("Content-Type", "Content-Disposition", "Retry-After")
VOLATILE = {"id": "<id>", "created": "<time>", "started": "<time>", "ended": "<time>", "choices": "<choices>"}
"""What differs, by the name of its field; choices are whatever samplers and models there are."""

STEADY = (
    (re.compile(r"https?://[^ )\"]+/view\?[^ )\"]+"), "<address>"),
    (re.compile(r"https?://127\.0\.0\.1:\d+"), "<server>"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"_\d{5}_(-[0-9a-f]{12})?"), "_<number>"),
    (re.compile(r"_\d{14}(_\d+)?\."), "_<time>."),
    (re.compile(r"apps/[0-9a-f]{32}"), "apps/<content>"),
    (re.compile(r"not in \[.*\]"), "not in <choices>"),
)


def exchanges() -> list[dict[str, Any]]:
    """The recorded ones."""
    return json.loads(FILE.read_text())


def told(address: str, case: dict[str, Any]) -> dict[str, Any]:
    """What a server answers to a case, as it is recorded."""
    data, headers = _body(case)
    request = urllib.request.Request(address + case["path"], data, headers, method=case["method"])
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            status, head, body = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, head, body = error.code, error.headers, error.read()
    kept = {name: steady(head[name]) for name in HEADERS if head[name]}
    return {"status": status, "headers": kept, "reply": _reply(body, head["Content-Type"])}


def _body(case: dict[str, Any]) -> tuple[bytes | None, dict[str, str]]:
    headers = dict(case.get("headers", {}))
    if "form" in case or "files" in case:
        data, kind = _form(case.get("form", {}), case.get("files", []))
        return data, {**headers, "Content-Type": kind}
    if "file" in case:
        return _file(case["file"]), headers
    if "json" in case:
        return json.dumps(case["json"]).encode(), {"Content-Type": "application/json", **headers}
    return None, headers


def _form(fields: dict[str, str], files: list[list[str]]) -> tuple[bytes, str]:
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode() for name, text in fields.items()]
    for name, what in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="upload"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + _file(what))
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    return body, "multipart/form-data; boundary=edge"


def _file(what: str) -> bytes:
    """A workflow by its name, a picture (``red 64x64``), or any other text."""
    if what.endswith(".json"):
        return (WORKFLOWS / what).read_bytes()
    colour, _, size = what.partition(" ")
    if not re.fullmatch(r"\d+x\d+", size):
        return what.encode()
    buffer = io.BytesIO()
    Image.new("RGB", tuple(map(int, size.split("x"))), colour).save(buffer, "PNG")
    return buffer.getvalue()


def _reply(body: bytes, kind: str) -> Any:
    if kind.startswith("image/"):
        with Image.open(io.BytesIO(body)) as shown:
            return f"<{shown.format.lower()} {shown.width}x{shown.height}>"
    if kind.startswith("text/event-stream"):
        return [line.removeprefix("event: ") for line in body.decode().splitlines() if line.startswith("event: ")]
    return steady(json.loads(body))


def steady(value: Any, key: str = "") -> Any:
    """A value without what differs from one time to the next."""
    if key in VOLATILE and value:
        return VOLATILE[key]
    if isinstance(value, dict):
        return {name: steady(entry, name) for name, entry in value.items()}
    if isinstance(value, list):
        return [steady(entry) for entry in value]
    if key == "seed" and isinstance(value, int) and value > 1000:
        return "<seed>"
    if key == "output_path":
        return "<folder>"
    if isinstance(value, str):
        for pattern, name in STEADY:
            value = pattern.sub(name, value)
    return value
