"""A1111's ControlNet: what units may name, and hints on their own."""

from pathlib import PurePosixPath
from typing import Any

from aiohttp import web

from limner.dialects.a1111.control import MOST_UNITS, REFERENCE, find_module, hint
from limner.dialects.a1111.control_keys import MODULES
from limner.dialects.a1111.encoded import picture_text
from limner.dialects.a1111.errors import refusal
from limner.dialects.pictures import PICTURE
from limner.graph.graph import Graph, Link, Node
from limner.server.a1111.door import a1111_route
from limner.server.a1111.inputs import sent_picture
from limner.server.bodies import beside, read_object
from limner.server.caller import folders_of
from limner.server.form_parts import InputPicture
from limner.server.picture_jobs import ended, picture_files, submitted
from limner.server.replies import json_reply
from limner.server.route import SERVICE

CONTROL = "/controlnet"
VERSION = 3
"""Of the fields of units that are understood here."""

RESOLUTION, LARGEST = 512, 4096
"""The shorter side of hints if nothing else is asked for, and the longest one in any case."""


@a1111_route("GET", "/version", root=CONTROL)
async def version(request: web.Request) -> web.Response:
    """The version that clients test for."""
    return json_reply({"version": VERSION})


@a1111_route("GET", "/model_list", root=CONTROL)
async def model_list(request: web.Request) -> web.Response:
    """Control networks."""
    return json_reply({"model_list": await _networks(request)})


@a1111_route("GET", "/module_list", root=CONTROL)
async def module_list(request: web.Request) -> web.Response:
    """Preprocessors."""
    detail = {name: {"model_free": name == REFERENCE, "sliders": []} for name in (*MODULES, REFERENCE)}
    return json_reply({"module_list": [*MODULES, REFERENCE], "module_detail": detail})


@a1111_route("GET", "/control_types", root=CONTROL)
async def control_types(request: web.Request) -> web.Response:
    """Preprocessors by kind; which network is of which kind, its weights say, so every kind has all networks."""
    networks = ["None", *await _networks(request)]
    kinds = dict.fromkeys(("All", *(module.tag for module in MODULES.values())))
    return json_reply({"control_types": {kind: _kind(kind, networks) for kind in kinds}})


@a1111_route("POST", "/detect", root=CONTROL)
async def detect(request: web.Request) -> web.Response:
    """Hints that a preprocessor makes of pictures."""
    body = await read_object(request)
    module = find_module(body.get("controlnet_module"))
    if module is None:
        raise refusal(f"Module not available. There are: {', '.join(MODULES)}.", 422)
    sent = body.get("controlnet_input_images") or body.get("controlnet_images")  # webuiapi sends the latter
    if not isinstance(sent, list) or not 0 < len(sent) <= MOST_UNITS:
        raise refusal(f"No image selected: send 1 to {MOST_UNITS}.", 422)
    pictures = [await sent_picture(request, text) for text in sent]
    thresholds = (_threshold(body, "a"), _threshold(body, "b"))
    async with submitted(request, _hints(pictures, module, thresholds, _resolution(body)), "a1111") as watch:
        job = await ended(request, watch)
    files = picture_files(job, folders_of(request))
    pictures = [picture_text(await beside(path.read_bytes)) for _, path in files]
    return json_reply({"images": pictures, "info": "Success"})


async def _networks(request: web.Request) -> list[str]:
    lists = request.app[SERVICE].lists
    return [str(PurePosixPath(name).with_suffix("")) for name in await beside(lambda: lists("controlnet"))]


def _kind(kind: str, networks: list[str]) -> dict[str, Any]:
    modules = [name for name, module in MODULES.items() if kind == "All" or module.tag in (kind, "All")]
    own = next((name for name in modules if MODULES[name].tag == kind and kind != "All"), "none")
    return {"module_list": modules, "model_list": networks, "default_option": own, "default_model": networks[0]}


def _hints(pictures: list[InputPicture], module: str, thresholds: tuple[float, float], resolution: int) -> Graph:
    nodes: dict[str, Node] = {}

    def add(name: str, kind: str, /, **inputs: Any) -> Link:
        nodes[name] = Node(type=kind, inputs=inputs)
        return Link(name, 0)

    for number, picture in enumerate(pictures, 1):
        image = add(f"loaded {number}", "LoadImage", image=picture.name)
        if resolution and MODULES[module].node:
            share = resolution / min(picture.size)
            sides = [min(max(1, round(side * share)), LARGEST) for side in picture.size]
            told = {"upscale_method": "lanczos", "crop": "disabled", "width": sides[0], "height": sides[1]}
            image = add(f"sized {number}", "ImageScale", image=image, **told)
        add(f"{PICTURE} {number}", "PreviewImage", images=hint(add, f"hint {number}", module, image, thresholds))
    return Graph(nodes)


def _resolution(body: Any) -> int:
    """The shorter side of hints in pixels; 0: that of the pictures."""
    value = body.get("controlnet_processor_res")
    if value is None:
        return RESOLUTION
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= LARGEST
    return int(max(value, 64)) if fits else 0


def _threshold(body: Any, letter: str) -> float:
    value = body.get(f"controlnet_threshold_{letter}")
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -1.0
