"""How things are for A1111's clients: progress, stopping, memory, start options, scripts."""

import asyncio
import time
from typing import Any

from aiohttp import web

from limner.accounts.records import Scope
from limner.dialects.a1111.encoded import picture_text
from limner.dialects.a1111.progress import Standing, progress_body, task_body
from limner.server.a1111.door import a1111_route
from limner.server.a1111.state import Drawing
from limner.server.bodies import beside, read_object
from limner.server.caller import caller_of
from limner.server.replies import json_reply
from limner.server.route import CATALOG, DRAWINGS, SERVICE
from limner.storage.host_memory import host_memory

INTERNAL = "/internal"
TRUE = ("true", "1", "yes", "on")


@a1111_route("GET", "/progress")
async def progress(request: web.Request) -> web.Response:
    """How far the drawing is that goes on, with a picture of it."""
    drawing = request.app[DRAWINGS].current(_owner(request))
    if drawing is None:
        return json_reply(progress_body(Standing()))
    bare = request.query.get("skip_current_image", "").lower() in TRUE
    return json_reply(progress_body(_standing(drawing), b"" if bare else drawing.picture))


@a1111_route("POST", "/interrupt")
async def interrupt(request: web.Request) -> web.Response:
    """Stops what is drawn; the request that waits for it gets what is finished."""
    for drawing in request.app[DRAWINGS].running(_owner(request)):
        drawing.interrupted = True
        await _stop(request, drawing)
    return json_reply({})


@a1111_route("POST", "/skip")
async def skip(request: web.Request) -> web.Response:
    """Leaves the picture that is drawn now."""
    for drawing in request.app[DRAWINGS].running(_owner(request)):
        drawing.skipped = True
        await _stop(request, drawing)
    return json_reply(None)


@a1111_route("GET", "/memory")
async def memory(request: web.Request) -> web.Response:
    """Main memory and the device's, in bytes."""
    host = await beside(host_memory)
    ram = {"free": host.available, "used": host.total - host.available, "total": host.total}
    watch = request.app[CATALOG]
    return json_reply({"ram": ram, "cuda": _device_memory(watch.current.device if watch.current else {})})


@a1111_route("GET", "/cmd-flags")
async def cmd_flags(request: web.Request) -> web.Response:
    """How the server was started, as far as clients of this API care."""
    settings = request.app[SERVICE].settings
    return json_reply(
        {
            "api": True,
            "nowebui": True,
            "server_name": settings.host,
            "port": settings.port,
            "cors_allow_origins": ",".join(settings.allowed_origins) or None,
            "api_server_stop": False,
        }
    )


@a1111_route("POST", "/unload-checkpoint", access=Scope.ADMIN)
async def unload_checkpoint(request: web.Request) -> web.Response:
    """Gives back the memory that models take."""
    dispatcher = request.app[SERVICE].dispatcher
    await beside(lambda: dispatcher.release(models=True))
    return json_reply({})


@a1111_route("POST", "/reload-checkpoint")
async def reload_checkpoint(request: web.Request) -> web.Response:
    """Nothing to do: the next drawing loads what it needs."""
    return json_reply({})


@a1111_route("POST", "/{refreshed:refresh-(?:checkpoints|vae|loras|embeddings)}")
async def refresh(request: web.Request) -> web.Response:
    """Nothing to do: lists follow their folders by themselves."""
    return json_reply(None)


@a1111_route("POST", "/progress", root=INTERNAL)
async def task_progress(request: web.Request) -> web.Response:
    """How far a task is."""
    body = await read_object(request)
    drawings, owner, task = request.app[DRAWINGS], _owner(request), str(body.get("id_task") or "")
    drawing = drawings.of_task(owner, task)
    if drawing is None:
        return json_reply(task_body(None, None, -1, queued=False, completed=drawings.is_done(owner, task)))
    seen, wanted = body.get("id_live_preview", -1), body.get("live_preview", True)
    fresh = bool(wanted) and bool(drawing.picture) and seen != drawing.pictures
    picture = f"data:{drawing.media_type};base64,{picture_text(drawing.picture)}" if fresh else None
    queued = not drawing.job
    return json_reply(task_body(_standing(drawing), picture, drawing.pictures, queued=queued, completed=False))


@a1111_route("GET", "/pending-tasks", root=INTERNAL)
async def pending_tasks(request: web.Request) -> web.Response:
    """Tasks that wait."""
    waiting = request.app[DRAWINGS].waiting(_owner(request))
    return json_reply({"size": len(waiting), "tasks": waiting})


@a1111_route("GET", "/ping", root=INTERNAL)
async def ping(request: web.Request) -> web.Response:
    """It lives."""
    return json_reply({})


def _owner(request: web.Request) -> str:
    return caller_of(request).owner


def _standing(drawing: Drawing) -> Standing:
    return Standing(
        task=drawing.task,
        count=drawing.count,
        done=drawing.done,
        step=drawing.step,
        steps=drawing.of_steps or drawing.steps,
        progress=drawing.progress,
        began=drawing.began,
        now=time.time(),
        interrupted=drawing.interrupted,
        skipped=drawing.skipped,
    )


async def _stop(request: web.Request, drawing: Drawing) -> None:
    await asyncio.to_thread(request.app[SERVICE].dispatcher.cancel, drawing.job)


def _device_memory(device: Any) -> dict[str, Any]:
    total, free = device.get("vram_total") or 0, device.get("vram_free") or 0
    if not total or device.get("type") == "cpu":
        return {"error": "unavailable: nothing runs on a device with memory of its own."}
    counts = {"current": total - free, "peak": total - free}
    return {
        "system": {"free": free, "used": total - free, "total": total},
        **dict.fromkeys(("active", "allocated", "reserved"), counts),
        "inactive": {"current": 0, "peak": 0},
        "events": {"retries": 0, "oom": 0},
    }
