"""Requests as strangers might send them: nearly right, odd, and plain wrong."""

from __future__ import annotations

import json
import string
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import strategies as st

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.sampled_from(
        ["", "0", "-1", "NaN", "1e999", "../..", "a.png [output]", "\x00", "𝔘", "{{x}}", "__proto__", "%s%n"]
    ),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)

NAMES = st.one_of(
    st.text(string.ascii_letters + string.digits + "._- /\\%:", max_size=30),
    st.sampled_from(
        [
            "a.png", "../a.png", "..\\a.png", "/etc/passwd", "a/../../b", "%2e%2e%2f", "con", "a" * 300, ".", "..",
            "", " ", "a\x00b",
            "~root", "C:\\x", "x.json", "workflows/a.json", "a.png [input]", "a.png [nowhere]", "é.png",
            "\u202egnp.exe", "blake3:00",
        ]
    ),
    st.text(max_size=12),
)  # fmt: skip

CLASSES = st.sampled_from(
    [
        "EmptyImage",
        "PreviewImage",
        "SaveImage",
        "KSampler",
        "LoadImage",
        "CLIPTextEncode",
        "PreviewAny",
        "PrimitiveInt",
        "Nope",
        "",
        "*",
    ]
)
INPUTS = st.sampled_from(
    ["images", "image", "width", "height", "batch_size", "color", "source", "value", "filename_prefix", "text", "seed"]
)
IDS = st.sampled_from(["1", "2", "3", "4", "x.1", "1:2", "", "0", "é"])


@dataclass(frozen=True)
class Request:
    """A request.

    Attributes:
        method: Any token.
        path: Percent-encoded, with its query.
        body: Bytes, or None.
        headers: By name.
    """

    method: str
    path: str
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Talk:
    """A socket that says something.

    Attributes:
        client: Its id.
        messages: Texts and bytes.
    """

    client: str
    messages: tuple[str | bytes, ...]


def _body(value: Any) -> bytes:
    return json.dumps(value, default=str).encode("utf-8", "surrogatepass")


def _query(parameters: dict[str, str]) -> str:
    return urlencode({name: value.encode("utf-8", "replace") for name, value in parameters.items()})


VALUES = st.one_of(JSON, st.tuples(IDS, st.integers(-1, 3)).map(list), st.integers(0, 64))
NODES = st.fixed_dictionaries(
    {"class_type": CLASSES, "inputs": st.dictionaries(INPUTS, VALUES, max_size=5)},
    optional={"_meta": st.fixed_dictionaries({"title": SCALARS}), "is_changed": JSON},
)
GRAPHS = st.dictionaries(IDS, st.one_of(NODES, NODES, NODES, JSON), max_size=5)
UI_NODES = st.fixed_dictionaries(
    {"id": st.one_of(st.integers(0, 5), SCALARS), "type": st.one_of(CLASSES, st.text(max_size=6))},
    optional={"inputs": JSON, "outputs": JSON, "widgets_values": JSON, "mode": st.integers(-1, 5), "properties": JSON},
)
UI = st.fixed_dictionaries(
    {"nodes": st.lists(UI_NODES, max_size=4), "links": st.lists(JSON, max_size=4)},
    optional={"version": SCALARS, "definitions": JSON, "groups": JSON, "extra": JSON},
)
PROMPTS = st.fixed_dictionaries(
    {},
    optional={
        "prompt": st.one_of(GRAPHS, GRAPHS, UI, JSON),
        "client_id": SCALARS,
        "prompt_id": st.one_of(st.uuids().map(str), SCALARS),
        "number": SCALARS,
        "front": SCALARS,
        "extra_data": st.one_of(JSON, st.fixed_dictionaries({"extra_pnginfo": JSON, "preview_method": SCALARS})),
        "partial_execution_targets": st.one_of(st.lists(IDS, max_size=3), JSON),
    },
)
TYPES = st.sampled_from(
    ["application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "é".encode().hex()]
)


@st.composite
def prompts(draw: st.DrawFn) -> Request:
    """POST /prompt."""
    broken = draw(st.integers(0, 9)) == 0
    body = draw(st.binary(max_size=60)) if broken else _body(draw(st.one_of(PROMPTS, PROMPTS, JSON)))
    return Request("POST", draw(st.sampled_from(["/prompt", "/api/prompt"])), body, {"Content-Type": draw(TYPES)})


@st.composite
def posts(draw: st.DrawFn) -> Request:
    """Other routes that take JSON."""
    path = draw(
        st.sampled_from(
            [
                "/queue",
                "/history",
                "/free",
                "/interrupt",
                "/settings",
                "/api/jobs/cancel",
                "/users",
                "/api/assets/from-hash",
            ]
        )
    )
    keys = st.sampled_from(
        ["delete", "clear", "unload_models", "free_memory", "prompt_id", "job_ids", "username", "hash"]
    )
    body = draw(st.one_of(st.binary(max_size=30), st.dictionaries(keys, JSON, max_size=3).map(_body), JSON.map(_body)))
    return Request("POST", path, body)


@st.composite
def uploads(draw: st.DrawFn) -> Request:
    """Multipart bodies, whole and broken."""
    boundary = draw(st.sampled_from(["x", "----b", "é", ""]))
    parts = []
    for _ in range(draw(st.integers(0, 4))):
        name = draw(st.sampled_from(["image", "overwrite", "type", "subfolder", "original_ref", "file", "tags", ""]))
        filename = draw(st.one_of(st.none(), NAMES))
        disposition = f'form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename}"')
        disposition = disposition.replace("\r", "").replace("\n", "")
        content = draw(
            st.one_of(st.binary(max_size=80), NAMES.map(lambda text: text.encode("utf-8", "replace")), JSON.map(_body))
        )
        head = f"Content-Disposition: {disposition}\r\n\r\n".encode("utf-8", "replace")
        parts.append(b"--" + boundary.encode() + b"\r\n" + head + content + b"\r\n")
    body = b"".join(parts) + (b"--" + boundary.encode() + b"--\r\n" if draw(st.booleans()) else b"")
    path = draw(st.sampled_from(["/upload/image", "/upload/mask", "/api/upload/image", "/api/assets"]))
    kind = "multipart/form-data; boundary=" + quote(boundary)
    return Request("POST", path, body, {"Content-Type": kind})


@st.composite
def looks(draw: st.DrawFn) -> Request:
    """GET routes with parameters."""
    path = draw(
        st.sampled_from(
            [
                "/view",
                "/history",
                "/userdata",
                "/v2/userdata",
                "/api/jobs",
                "/api/assets",
                "/view_metadata/checkpoints",
                "/api/view",
            ]
        )
    )
    keys = st.sampled_from(
        [
            "filename", "type", "subfolder", "preview", "channel", "max_items", "offset", "dir", "recurse", "split",
            "full_info", "path",
            "limit", "sort_by", "sort_order", "status", "prompt_id", "after", "tags_all", "hash", "order", "sort",
        ]
    )  # fmt: skip
    values = st.one_of(
        NAMES,
        SCALARS.map(str),
        st.sampled_from(["input", "output", "temp", "true", "webp;90", "jpeg;x", "rgb", "a", "10"]),
    )
    query = draw(st.dictionaries(keys, values, max_size=5))
    headers = draw(
        st.sampled_from([{}, {"Range": "bytes=5-2"}, {"Range": "bytes=0-"}, {"If-None-Match": "x"}, {"Range": "é"}])
    )
    return Request(draw(st.sampled_from(["GET", "GET", "HEAD"])), f"{path}?{_query(query)}", None, dict(headers))


@st.composite
def user_files(draw: st.DrawFn) -> Request:
    """Files of the user, and other routes with a name in their path."""
    name = quote(draw(NAMES).encode("utf-8", "replace"), safe=draw(st.sampled_from(["", "/"])))
    prefix = draw(
        st.sampled_from(
            [
                "/userdata/", "/api/userdata/", "/settings/", "/models/", "/object_info/", "/history/", "/api/jobs/",
                "/internal/files/",
                "/experiment/models/", "/experiment/models/preview/checkpoints/0/", "/api/assets/",
                "/global_subgraphs/", "/extensions/",
                "/api/workflow_templates/", "/templates/", "/assets/",
            ]
        )
    )  # fmt: skip
    method = draw(st.sampled_from(["GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS", "TRACE"]))
    if prefix.endswith("userdata/") and draw(st.booleans()):
        name += "/move/" + quote(draw(NAMES).encode("utf-8", "replace"), safe="")
    body = draw(st.one_of(st.none(), st.binary(max_size=40), JSON.map(_body))) if method != "GET" else None
    return Request(method, prefix + name, body)


talks = st.builds(
    Talk,
    client=st.one_of(st.uuids().map(lambda one: one.hex), st.text(max_size=20)),
    messages=st.lists(
        st.one_of(
            st.text(max_size=60),
            st.binary(max_size=60),
            st.fixed_dictionaries({"type": st.sampled_from(["feature_flags", "x"]), "data": JSON}).map(
                lambda one: json.dumps(one, default=str)
            ),
        ),
        max_size=4,
    ).map(tuple),
)

anything = st.one_of(
    prompts(), prompts(), prompts(), uploads(), uploads(), looks(), looks(), user_files(), user_files(), posts(), talks
)
