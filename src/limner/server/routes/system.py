"""How things are: ``/system_stats``, ``/features``."""

import sys
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from limner import __version__
from limner.accounts.records import Scope
from limner.server.caller import caller_of, shown_owner
from limner.server.frontend import PACKAGE, TEMPLATES, Frontend
from limner.server.replies import json_reply
from limner.server.route import CATALOG, SERVICE, route
from limner.storage.host_memory import host_memory

COMFYUI_VERSION = "0.3.64"
"""The version whose behaviour clients find here."""

DEVICE_KEYS = ("name", "type", "index", "vram_total", "vram_free", "torch_vram_total", "torch_vram_free")


@route("GET", "/system_stats")
async def system_stats(request: web.Request) -> web.Response:
    """Memory, versions and the device; answers at once whether a worker is up or not."""
    service, watch = request.app[SERVICE], request.app[CATALOG]
    device = watch.current.device if watch.current else {}
    memory, frontend = host_memory(), service.frontend
    counts = service.dispatcher.counts(shown_owner(request))
    system = {
        "os": sys.platform,
        "ram_total": memory.total,
        "ram_free": memory.available,
        "comfyui_version": COMFYUI_VERSION,
        "required_frontend_version": frontend.version if frontend else "",
        "installed_templates_version": frontend.templates_version if frontend else "",
        "required_templates_version": frontend.templates_version if frontend else "",
        "python_version": sys.version,
        "pytorch_version": str(device.get("torch_version", "")),
        "embedded_python": False,
        "argv": _arguments(request) or ["limner", "serve"],
        "deploy_environment": "local",
        "comfy_package_versions": _packages(service.frontend),
    }
    limner = {
        "version": __version__,
        "worker": "ready" if watch.current else "starting",
        "waiting": counts.waiting,
        "running": counts.running,
    }
    return json_reply({"system": system, "devices": [_device(device)] if device else [], "limner": limner})


def _arguments(request: web.Request) -> list[str]:
    """The command line, for those whom it concerns: it names folders of the machine."""
    return list(request.app[SERVICE].settings.arguments) if caller_of(request).may(Scope.ADMIN) else []


def _packages(frontend: Frontend | None) -> list[dict[str, str]]:
    """The versions of ComfyUI's own packages that are served; what is installed is what is required."""
    if frontend is None:
        return []
    found = {PACKAGE: frontend.version, TEMPLATES: frontend.templates_version}
    return [{"name": name, "installed": here, "required": here} for name, here in found.items() if here]


def _device(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A device in the shape that clients know; sizes in bytes."""
    device = {key: facts.get(key) for key in DEVICE_KEYS}
    for key in ("vram_total", "vram_free"):
        device[key] = device[key] or 0
        device[f"torch_{key}"] = device[f"torch_{key}"] or device[key]
    return device
