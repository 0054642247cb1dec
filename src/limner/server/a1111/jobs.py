"""Runs A1111's drawings as jobs: to their end, until somebody stops them, or past a picture that somebody leaves."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiohttp import web

from limner.dialects.a1111.graph import SHOWN, walks
from limner.dialects.a1111.montage import Drawable
from limner.dialects.pictures import PICTURE, pictures_of
from limner.graph.graph import Graph
from limner.jobs.records import Job, JobState
from limner.server.a1111.answers import unfinished
from limner.server.a1111.state import Drawing as Going
from limner.server.awaited import Watch
from limner.server.bodies import beside
from limner.server.caller import caller_of, folders_of
from limner.server.picture_jobs import LOOK, finished, submitted
from limner.server.route import DRAWINGS, PICTURES

DIALECT = "a1111"


@dataclass(frozen=True)
class Made:
    """A picture that was drawn.

    Attributes:
        data: A PNG file.
        text: Its settings, or nothing.
        number: Its place among all that were asked for, from 0.
    """

    data: bytes
    text: str
    number: int = 0


async def drawn(request: web.Request, drawing: Drawable, task: str | None) -> tuple[list[Made], list[Made]]:
    """The pictures that are there when nothing goes on, and what units of ControlNet were shown.

    One that was left is missing; if the drawing was stopped, those that had not begun are, and the one that had is
    as far as it was.

    Args:
        request: Who waits for it.
        drawing: What is drawn.
        task: What the client calls it; None: nothing.

    Raises:
        GraphError: if it cannot be drawn here.
        StepError: if it failed.
        WorkerLostError: if there is no worker.
    """
    whole, made, hints = await beside(drawing.graph), list[Made](), dict[str, Any]()
    left = [name for name in whole.nodes if name.startswith(f"{PICTURE} ")]
    texts = dict(zip(left, drawing.texts or [""] * len(left), strict=False))
    owner, count = caller_of(request).owner, walks(whole)
    with request.app[DRAWINGS].begin(owner, task or str(uuid.uuid4()), count, drawing.steps) as going:
        while left:
            job = await _run(request, _of(whole, left), going)
            found = await _files(request, job.outputs)
            hints |= {_as_picture(node): told for node, told in job.outputs.items() if node.startswith(SHOWN)}
            made += [_made(data, name, texts) for data, name in zip(found, left, strict=False)]
            left = left[len(found) :]
            if going.interrupted and left and going.picture:
                shown = await request.app[PICTURES].run(partial(unfinished, going.picture, drawing.size))
                made.append(_made(shown, left[0], texts))
            if going.interrupted or not going.skipped:
                break
            going.skipped, left = False, left[1:]
    return made, [Made(data, "") for data in await _files(request, hints)]


def _made(data: bytes, name: str, texts: Mapping[str, str]) -> Made:
    return Made(data, texts.get(name, ""), int(name.removeprefix(PICTURE)) - 1)


def _of(graph: Graph, pictures: Sequence[str]) -> Graph:
    """A graph with some of its pictures only. What else it has for others is then wanted by nobody."""
    nodes = {name: node for name, node in graph.nodes.items() if name in pictures or not name.startswith(PICTURE)}
    return Graph(nodes)


async def _run(request: web.Request, graph: Graph, going: Going) -> Job:
    async with submitted(request, graph, DIALECT, previews=True) as watch:
        return await _heard(request, watch, going)


async def _heard(request: web.Request, watch: Watch, going: Going) -> Job:
    """The job when it is done, or was stopped: then what it has made is the answer.

    Raises:
        ConnectionResetError: if the client goes away.
        StepError: if it failed.
    """
    last = None
    async for news in watch.news(LOOK):
        if request.transport is None:
            raise ConnectionResetError("The client went away.")
        if news is not None:
            last = news[0]
            going.hear(*news)
    assert last is not None  # The last event ends the job.
    stopped = last.state is JobState.INTERRUPTED and (going.interrupted or going.skipped)
    return last if stopped else finished(last)


def _as_picture(node: str) -> str:
    return node.replace(SHOWN, PICTURE)


async def _files(request: web.Request, outputs: Mapping[str, Any]) -> list[bytes]:
    folders = folders_of(request)
    files = [folders.of_type(file["type"]) / file["subfolder"] / file["filename"] for file in pictures_of(outputs)]
    return [await beside(path.read_bytes) for path in files]
