"""Every route for people, their files, models, logs and pictures, one after another against a server of its own."""

import json
import struct
import time
import urllib.error
import urllib.request
import zlib

import pytest
from tests.e2e.conftest import READY_SECONDS

ANY = object()


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0\xff\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def form(name, data, **fields):
    parts = [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}'.encode() for key, value in fields.items()]
    parts.append(f'Content-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'.encode() + data)
    return b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"


PAGE = '{"filename": "up.png", "type": "input", "subfolder": ""}'

EXCHANGES = [
    # method, path, body, status, what is answered (ANY: something; a function: whether it is right)
    ("GET", "/api/users", None, 200, {"storage": "server", "migrated": False}),
    ("GET", "/api/settings", None, 200, {}),
    ("POST", "/api/settings/Comfy.InstalledVersion", b'"1.27.10"', 200, b""),
    ("POST", "/settings/Comfy.TutorialCompleted", b"true", 200, b""),
    ("POST", "/settings", b'{"a": {"b": 1}}', 200, b""),
    ("GET", "/settings/Comfy.TutorialCompleted", None, 200, True),
    ("GET", "/settings/unset", None, 200, None),
    ("POST", "/settings/a", b"", 400, ANY),
    ("GET", "/users", None, 200, {"storage": "server", "migrated": True}),
    ("GET", "/settings", None, 200, lambda it: set(it) == {"Comfy.InstalledVersion", "Comfy.TutorialCompleted", "a"}),
    ("GET", "/api/i18n", None, 200, {"en": {"nodeCategories": {"cap": "Cap"}}}),
    ("GET", "/api/workflow_templates", None, 200, {"cap_pack": ["demo"]}),
    ("GET", "/api/workflow_templates/cap_pack/demo.json", None, 200, {}),
    ("GET", "/api/userdata?dir=workflows&recurse=true&split=false&full_info=true", None, 404, b"Directory not found"),
    ("GET", "/api/userdata/comfy.templates.json", None, 404, b""),
    ("GET", "/api/userdata/workflows%2F.index.json", None, 404, b""),
    ("POST", "/api/userdata/workflows%2Fa.json?overwrite=false&full_info=true", b"{}", 200, lambda it: it["size"] == 2),
    ("POST", "/api/userdata/workflows%2Fa.json?overwrite=false", b"{}", 409, b"File already exists"),
    ("POST", "/api/userdata/workflows%2Fa.json/move/workflows%2Fb.json?overwrite=false", b"", 200, "workflows/b.json"),
    ("GET", "/api/userdata?dir=workflows", None, 200, ["b.json"]),
    ("GET", "/api/userdata?dir=workflows&full_info=true", None, 200, lambda it: it[0]["path"] == "b.json"),
    ("GET", "/v2/userdata?path=workflows", None, 200, lambda it: it[0]["path"] == "workflows/b.json"),
    ("GET", "/userdata/workflows%2Fb.json", None, 200, {}),
    ("DELETE", "/userdata/workflows%2Fb.json", None, 204, b""),
    ("DELETE", "/userdata/workflows%2Fb.json", None, 404, b""),
    ("POST", "/userdata/..%2Fx", b"", 403, b""),
    ("POST", "/upload/image", form("up.png", png()), 200, lambda it: (it["name"], it["type"]) == ("up.png", "input")),
    ("POST", "/api/upload/image", form("up.png", png(), type="temp"), 200, lambda it: it["type"] == "temp"),
    ("POST", "/upload/image", form("page.html", b"<script>"), 200, lambda it: it["name"] == "page.html"),
    ("POST", "/upload/mask", form("m.png", png(), original_ref=PAGE), 200, lambda it: it["name"] == "m.png"),
    ("POST", "/upload/mask", form("m.png", png(), original_ref="{}"), 400, ANY),
    ("POST", "/upload/image", b"{}", 400, ANY),
    ("GET", "/view?filename=up.png&type=input", None, 200, png()),
    ("GET", "/view?filename=up.png%20%5Binput%5D", None, 200, png()),
    ("GET", "/view?filename=up.png&type=input&preview=webp;90", None, 200, lambda it: it[:4] == b"RIFF"),
    ("GET", "/view?filename=up.png&type=input&channel=a", None, 200, lambda it: it[1:4] == b"PNG"),
    ("GET", "/view?filename=page.html&type=input", None, 200, b"<script>"),
    ("GET", "/view?filename=page.html&type=input&preview=webp", None, 400, ANY),
    ("GET", "/view", None, 404, b""),
    ("GET", "/view?filename=..%2Fx", None, 400, b""),
    ("GET", "/view?filename=x&subfolder=..%2Fx", None, 403, b""),
    ("GET", "/internal/files/input", None, 200, lambda it: set(it) == {"up.png", "m.png", "page.html"}),
    ("GET", "/internal/files/other", None, 400, {"error": "Invalid directory type"}),
    ("GET", "/internal/folder_paths", None, 200, lambda it: "checkpoints" in it and "custom_nodes" in it),
    ("GET", "/internal/logs", None, 200, lambda it: isinstance(it, str)),
    ("GET", "/internal/logs/raw", None, 200, lambda it: set(it) == {"entries", "size"}),
    ("PATCH", "/internal/logs/subscribe", b'{"clientId": "a", "enabled": true}', 200, b""),
    ("PATCH", "/internal/logs/subscribe", b"{}", 400, ANY),
    ("GET", "/models", None, 200, lambda it: it[:2] == ["checkpoints", "configs"]),
    ("GET", "/models/loras", None, 200, ["style.safetensors"]),
    ("GET", "/models/nothing", None, 404, b""),
    ("GET", "/embeddings", None, 200, ["sub/easy"]),
    ("GET", "/experiment/models", None, 200, lambda it: it[0]["name"] == "checkpoints"),
    ("GET", "/experiment/models/loras", None, 200, lambda it: it[0]["name"] == "style.safetensors"),
    ("GET", "/experiment/models/preview/loras/0/style.safetensors", None, 200, lambda it: it[:4] == b"RIFF"),
    ("GET", "/experiment/models/preview/loras/0/none.safetensors", None, 404, b""),
    ("GET", "/view_metadata/loras?filename=style.safetensors", None, 200, {"title": "Style"}),
    ("GET", "/view_metadata/loras?filename=style.png", None, 404, b""),
    ("GET", "/system_stats", None, 200, lambda it: {"system", "devices"} <= set(it)),
    ("OPTIONS", "/api/anything", None, 200, b""),
    ("PUT", "/settings", b"", 405, b"405: Method Not Allowed"),
    ("POST", "/nothing", b"", 405, b"405: Method Not Allowed"),
    ("GET", "/nothing", None, 404, b""),
]  # fmt: skip


@pytest.fixture
def server(start, tmp_path):
    data = tmp_path / "data"
    header = json.dumps({"__metadata__": {"title": "Style"}}).encode()
    files = {
        "models/loras/style.safetensors": struct.pack("<Q", len(header)) + header,
        "models/loras/style.preview.png": png(),
        "models/embeddings/sub/easy.safetensors": b"",
        "custom_nodes/cap_pack/__init__.py": b"NODE_CLASS_MAPPINGS = {}\n",
        "custom_nodes/cap_pack/locales/en/main.json": b'{"nodeCategories": {"cap": "Cap"}}',
        "custom_nodes/cap_pack/example_workflows/demo.json": b"{}",
    }
    for name, content in files.items():
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(content)
    return start(data, "--cpu", "--lowvram", "--disable-auto-launch", "--preview-method", "auto")


def exchange(server, method, path, body):
    headers = {"Content-Type": "multipart/form-data; boundary=edge"} if "/upload/" in path else {}
    request = urllib.request.Request(server.url + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


def is_right(expected, headers, body):
    if expected is ANY:
        return json.loads(body)["error"]["message"]
    if isinstance(expected, bytes):
        return body == expected
    content = json.loads(body) if headers.get_content_type() == "application/json" else body
    return expected(content) if callable(expected) else content == expected


def test_the_routes_one_after_another(server):
    for method, path, body, status, expected in EXCHANGES:
        came, headers, answer = exchange(server, method, path, body)
        assert came == status, (method, path, answer)
        assert is_right(expected, headers, answer), (method, path, answer)
    deadline = time.monotonic() + READY_SECONDS
    while "the worker is up" not in server.call("/internal/logs"):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    left = {path.name for path in server.data.rglob(".saving-*")} | {
        path.name for path in server.data.rglob(".upload-*")
    }
    assert left == set()
