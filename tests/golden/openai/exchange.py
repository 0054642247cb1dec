"""Recorded exchanges with OpenAI's door: how a case becomes a request, and an answer what is recorded of it.

What differs from one time to the next stands as what it is: ``<png 64x64>``, ``<time>``, ``<address>``.
"""

import base64
import io
import json
import re
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image

FILE = Path(__file__).with_name("exchanges.json")
VOLATILE = {"created": "<time>", "created_at": "<time>", "id": "<id>", "inference": "<seconds>"}
PATIENCE = 180.0
HEADERS = ("Content-Type", "Allow", "x-should-retry")


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
    assert head["x-request-id"] or status in (401, 403), case["name"]  # Who may not come in has made no request yet.
    kept = {name: head[name] for name in HEADERS if head[name]}
    return {"status": status, "headers": kept, "reply": _reply(body, head["Content-Type"])}


def _body(case: dict[str, Any]) -> tuple[bytes | None, dict[str, str]]:
    headers = dict(case.get("headers", {}))
    if "form" in case:
        data, kind = _form(case["form"], case.get("files", []))
        return data, {**headers, "Content-Type": kind}
    if "text" in case:
        return case["text"].encode(), headers
    if "json" in case:
        return _with_pictures(json.dumps(case["json"])).encode(), {"Content-Type": "application/json", **headers}
    return None, headers


def _form(fields: dict[str, str], files: list[list[str]]) -> tuple[bytes, str]:
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{text}'.encode() for name, text in fields.items()]
    for name, what in files:
        head = f'Content-Disposition: form-data; name="{name}"; filename="upload"\r\n'
        parts.append(head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + picture(what))
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    return body, "multipart/form-data; boundary=edge"


def picture(what: str) -> bytes:
    """A file of a request: ``red 64x64``, ``hole 64x64`` (black, its right half transparent), or any other text."""
    colour, _, size = what.partition(" ")
    if not re.fullmatch(r"\d+x\d+", size):
        return what.encode()
    width, height = map(int, size.split("x"))
    image = Image.new("RGB", (width, height), "black" if colour == "hole" else colour)
    if colour == "hole":
        alpha = Image.new("L", (width, height), 255)
        alpha.paste(0, (width // 2, 0, width, height))
        image.putalpha(alpha)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def _with_pictures(text: str) -> str:
    """``<red 64x64>`` as a data URI."""

    def uri(found: re.Match[str]) -> str:
        return f"data:image/png;base64,{base64.b64encode(picture(found[1])).decode()}"

    return re.sub(r"<(\w+ \d+x\d+)>", uri, text)


def _reply(body: bytes, kind: str) -> Any:
    if kind.startswith("text/event-stream"):
        return [_event(block) for block in body.decode().split("\n\n") if block.strip() and not block.startswith(":")]
    return _steady(json.loads(body)) if body else None


def _event(block: str) -> Any:
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    data = fields["data"]
    shown = data if data == "[DONE]" else _steady(json.loads(data))
    return {"event": fields["event"], "data": shown} if "event" in fields else {"data": shown}


def _steady(value: Any, key: str = "") -> Any:
    """A value without what differs from one time to the next."""
    if isinstance(value, dict):
        return {name: _steady(entry, name) for name, entry in value.items()}
    if isinstance(value, list):
        return [_steady(entry, key) for entry in value]
    if key in VOLATILE and value and value != "limner-mini":
        return VOLATILE[key]
    return _text(value, key) if isinstance(value, str) else value


def _text(value: str, key: str) -> str:
    if key == "b64_json":
        return _described(value)
    if value.startswith("data:image/"):
        return f"<data URI: {_described(value.partition(',')[2])}>"
    value = re.sub(r"127\.0\.0\.1:\d{4,}", "<host>", value)
    return re.sub(r"https?://[^ )]+/view\?[^ )]+", "<address>", re.sub(r"list of length \d+", "list", value))


def _described(data: str) -> str:
    with Image.open(io.BytesIO(base64.b64decode(data))) as shown:
        return f"<{shown.format.lower()} {shown.width}x{shown.height}>"
