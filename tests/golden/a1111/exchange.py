"""Recorded exchanges with A1111's door: how a case becomes a request, and an answer what is recorded of it.

What differs from one time or machine to the next stands as what it is: ``<png 64x64>``, ``<time>``, ``<path>``. A text
that is JSON (``info``) is recorded as what it says.
"""

import base64
import binascii
import io
import json
import re
import urllib.error
import urllib.request
from importlib.metadata import version
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.PngImagePlugin import PngInfo

FILE = Path(__file__).with_name("exchanges.json")
PATIENCE = 180.0
HEADERS = ("Content-Type", "WWW-Authenticate")
MEASURED = {"job_timestamp": "<time>", "eta_relative": "<seconds>", "eta": "<seconds>"}
COUNTED = ("ram", "cuda")
DRAWN = ("subseed", "all_subseeds")
"""Seeds that most cases do not choose."""
PICTURE = re.compile(r"<(\w+) (\d+)x(\d+)>")
PNG = "iVBORw0KGgo"


def exchanges() -> list[dict[str, Any]]:
    """The recorded ones."""
    return json.loads(FILE.read_text())


def told(address: str, case: dict[str, Any]) -> dict[str, Any]:
    """What a server answers to a case, as it is recorded."""
    data = None
    if "json" in case:
        data = _with_pictures(json.dumps(case["json"])).encode()
    elif "text" in case:
        data = case["text"].encode()
    request = urllib.request.Request(address + case["path"], data, case.get("headers", {}), method=case["method"])
    request.remove_header("Content-type")
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            status, head, body = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, head, body = error.code, error.headers, error.read()
    assert float(head["X-Process-Time"]) >= 0, case["name"]
    kept = {name: head[name] for name in HEADERS if head[name]}
    return {"status": status, "headers": kept, "reply": _steady(json.loads(body))}


def _with_pictures(text: str) -> str:
    """Placeholders of pictures as base64: ``<red 64x64>``, ``<mask 64x64>``, ``<told 8x8>``."""
    return PICTURE.sub(lambda found: base64.b64encode(picture(found[1], int(found[2]), int(found[3]))).decode(), text)


def picture(what: str, width: int, height: int) -> bytes:
    """A file of a request: one colour, or a mask whose middle is white; ``told`` says how it was made."""
    mask = what == "mask"
    image = Image.new("L" if mask else "RGB", (width, height), {"mask": 0, "told": "green"}.get(what, what))
    if mask:
        image.paste(255, (width // 4, height // 4, width * 3 // 4, height * 3 // 4))
    buffer = io.BytesIO()
    said = PngInfo()
    if what == "told":
        said.add_text("parameters", "a cat\nNegative prompt: a dog\nSteps: 3, Sampler: Euler, CFG scale: 7, Seed: 1")
    image.save(buffer, "PNG", pnginfo=said)
    return buffer.getvalue()


def _steady(value: Any, key: str = "") -> Any:
    """A value without what differs from one time to the next."""
    if key in COUNTED and isinstance(value, dict):
        return dict.fromkeys(value, "<number>")
    if isinstance(value, dict):
        return {name: _steady(entry, name) for name, entry in value.items()}
    if isinstance(value, list):
        return [_steady(entry, key) for entry in value]
    if key in DRAWN and isinstance(value, int) and value >= 0:
        return "<seed>"
    if key in MEASURED and value:
        return MEASURED[key]
    if key == "info" and isinstance(value, str) and value.startswith("{"):
        return _steady(json.loads(value))
    return _text(value) if isinstance(value, str) else value


def _text(value: str) -> str:
    if len(value) > 100 and value.startswith((PNG, "/9j/", "UklGR")):
        return _described(value)
    value = re.sub(r"(?<![\w:/])/[^\s,\"']+/([^/\s,\"']+\.\w+)", r"<path>/\1", value)
    value = value.replace(f"limner {version('limner')}", "limner <version>")
    return re.sub(r"\b[0-9a-f]{64}\b", "<sha256>", re.sub(r"\b[0-9a-f]{10}\b", "<hash>", value))


def _described(data: str) -> str:
    try:
        with Image.open(io.BytesIO(base64.b64decode(data))) as shown:
            return f"<{(shown.format or '').lower()} {shown.width}x{shown.height}>"
    except (binascii.Error, OSError):
        return data
