"""Answers of runs: their files as addresses, as text, or as the whole answer."""

import asyncio
import base64
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import hdrs, web

from limner.dialects.apps.answer import error_answer, mark_of, run_answer, with_stored
from limner.dialects.apps.outputs import OutputFile, texts_of
from limner.graph.errors import DocumentError, LimnerError, UnknownNameError
from limner.jobs.records import Job, JobState
from limner.server.apps.finish import finished_files
from limner.server.deliveries import uploaded
from limner.server.file_reply import disposition, file_reply
from limner.server.pictures import open_picture
from limner.server.public_address import address_of, file_address
from limner.server.replies import json_reply
from limner.server.route import PICTURES, SERVICE

RUN, SEED = "X-Run-Id", "X-Seed"

STORED = 30.0
"""Seconds that an answer waits for files to be in a store."""


@dataclass(frozen=True)
class Result:
    """A file of a run as it is answered, and where it lies."""

    file: OutputFile
    path: Path
    size: tuple[int, int] | None = None

    def reply(self, headers: Mapping[str, str]) -> web.FileResponse:
        """It as a file to be kept, never as a page."""
        reply = file_reply(self.path)
        reply.headers[hdrs.CONTENT_DISPOSITION] = f"attachment; {disposition(self.file.filename)}"
        reply.headers.update(headers)
        return reply


async def results_of(request: web.Request, job: Job) -> list[Result]:
    """The files of a run, finished as it asked for.

    Raises:
        DocumentError: if a picture cannot be finished.
    """
    folders = request.app[SERVICE].folders.of_owner(job.submission.owner)

    def finished() -> list[Result]:
        found = finished_files(job, folders)
        return [Result(kept, path, _size(path) if kept.kind == "image" else None) for kept, path in found]

    return await request.app[PICTURES].run(finished)


def _size(path: Path) -> tuple[int, int] | None:
    try:
        with open_picture(path) as picture:
            return picture.size
    except DocumentError:
        return None


async def told(request: web.Request, job: Job, *, inline: bool = False, seconds: float = 0.0) -> dict[str, Any]:
    """A run as JSON.

    Args:
        request: Who asks.
        job: The run.
        inline: Files are there as base64, too.
        seconds: How long to wait for files that are brought to a store.
    """
    base = f"{address_of(request)}/runs/{job.submission.id}"
    urls = {"self": base, "events": f"{base}/events", "cancel": f"{base}/cancel"}
    if job.state is not JobState.SUCCEEDED:
        return run_answer(job, [], urls, texts_of(job))
    results = await results_of(request, job)
    outputs = [_entry(request, result, job.submission.owner) for result in results]
    if inline:
        for entry, text in zip(outputs, await _texts(request, results), strict=True):
            entry["base64"] = text
    stored = await uploaded(request, job.submission.id, seconds)
    return run_answer(job, with_stored(outputs, stored), urls, texts_of(job))


def _entry(request: web.Request, result: Result, owner: str) -> dict[str, Any]:
    file = result.file
    entry: dict[str, Any] = {
        "url": file_address(request, file.place, owner),
        "filename": file.filename,
        "type": file.kind,
        "media_type": file.media_type,
        "node": file.node,
    }
    return entry | ({"width": result.size[0], "height": result.size[1]} if result.size else {})


async def _texts(request: web.Request, results: Sequence[Result]) -> list[str]:
    def read() -> list[str]:
        return [base64.b64encode(result.path.read_bytes()).decode() for result in results]

    return await request.app[PICTURES].run(read)


async def run_reply(request: web.Request, job: Job, output: str) -> web.StreamResponse:
    """The answer to a request that waited: 200 when the run ended well, 202 while it goes on, 422 when it failed."""
    if job.state is JobState.SUCCEEDED and output == "file":
        return await file_reply_of(request, job)
    body = await told(request, job, inline=output == "base64", seconds=STORED)
    if job.state is JobState.SUCCEEDED:
        return json_reply(body, 200, **headers_of(job))
    return unfinished_reply(job, body)


async def kept_alive_body(request: web.Request, waiting: "asyncio.Task[Job]", *, inline: bool) -> bytes:
    """What an answer ends with whose status went out long ago: the run, or why there is none."""
    try:
        job = await waiting
        body = await told(request, job, inline=inline, seconds=STORED)
    except LimnerError as error:
        return _as_bytes(error_answer(str(error)))
    return _as_bytes({"detail": body["error"], **body} if body["error"] else body)


def _as_bytes(body: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode(body, enc_hook=str)


def unfinished_reply(job: Job, body: Mapping[str, Any]) -> web.Response:
    """The answer to a request whose run is not over, or did not end well."""
    if job.state in (JobState.WAITING, JobState.RUNNING):
        return json_reply(body, 202, **{hdrs.LOCATION: body["urls"]["self"], hdrs.RETRY_AFTER: "2", RUN: body["id"]})
    status = 422 if job.state is JobState.FAILED else 409
    return json_reply({"detail": body["error"], **body}, status, **{RUN: body["id"]})


def headers_of(job: Job) -> dict[str, str]:
    """What clients that get a file may want to know of its run."""
    seeds = [value for name, value in mark_of(job).inputs.items() if "seed" in name and isinstance(value, int)]
    return {RUN: job.submission.id} | ({SEED: str(seeds[0])} if seeds else {})


async def file_reply_of(request: web.Request, job: Job) -> web.StreamResponse:
    """The files of a run as the whole answer: the one that there is, or an archive of several.

    Raises:
        UnknownNameError: if there is none.
    """
    results = await results_of(request, job)
    if not results:
        raise UnknownNameError("file of the run", job.submission.id, (), "It saved none, or they were removed.")
    if len(results) == 1:
        return results[0].reply(headers_of(job))
    data = await request.app[PICTURES].run(lambda: _archive(results))
    named = disposition(f"{job.submission.id}.zip")
    headers = {hdrs.CONTENT_TYPE: "application/zip", hdrs.CONTENT_DISPOSITION: f"attachment; {named}"}
    return web.Response(body=data, headers=headers | headers_of(job))


def _archive(results: Sequence[Result]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for number, result in enumerate(results, 1):
            archive.write(result.path, f"{number:03}-{result.file.filename}")
    return buffer.getvalue()
