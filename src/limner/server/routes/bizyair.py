"""A wrapper's route as people have it before BizyAir's workflows: a form in, the picture's address out."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from aiohttp import web

from limner.dialects.apps.answer import error_answer, failure_text
from limner.dialects.apps.wrapped import file_name, whole_number, wrapped_values
from limner.graph.errors import DocumentError, StorageError
from limner.jobs.records import Job, JobState
from limner.server.admission import admission_of
from limner.server.apps.answers import STORED, Result, results_of
from limner.server.apps.door import app_route
from limner.server.apps.inputs import Sent, read_sent
from limner.server.apps.reading import shelf_of
from limner.server.apps.runs import Asked, running, waited
from limner.server.apps.saving import draft_of
from limner.server.bodies import beside
from limner.server.caller import folders_of
from limner.server.deliveries import uploaded
from limner.server.public_address import file_address
from limner.server.replies import json_reply
from limner.server.whole_files import store_whole
from limner.storage.folders import Folders

FILE = "workflowfile"
MOST_TRIES = 100
LONGEST = 24 * 3600.0
"""Seconds that a client is kept waiting: it knows no other answer."""


@app_route("POST", "/comfyui_bizyairapi/", "/comfyui_bizyairapi", mirrored=False)
async def draw(request: web.Request) -> web.Response:
    """Runs a workflow with a prompt: ``filename``, ``output_path`` and ``etag`` of its last picture or film."""
    sent = await read_sent(request)
    prompt = sent.fields.get("prompt")
    if not isinstance(prompt, str):
        raise DocumentError("'prompt' is missing: send what the picture shows, as a text.")
    seed, idx = whole_number(sent.fields, "seed"), whole_number(sent.fields, "idx")
    asked = await _asked(request, sent, prompt, seed)
    async with running(request, asked) as (name, watch):
        job = await waited(request, name, watch, LONGEST)
    if job.state is not JobState.SUCCEEDED:
        return json_reply(error_answer(failure_text(job) or "The run is not over."), 422)
    results = await results_of(request, job)
    if not results:
        return json_reply(
            error_answer("The workflow saved nothing: it has no node that saves or shows a picture."), 422
        )
    return json_reply(await _told(request, job, results, idx, seed))


async def _asked(request: web.Request, sent: Sent, prompt: str, seed: int) -> Asked:
    """The workflow that came, with the prompt and the seed in it."""
    files = sent.files.get(FILE)
    if not files and not sent.fields.get(FILE):
        raise DocumentError(f"'{FILE}' is missing: send the workflow in the API format, as a file or as its text.")
    one = Sent({}, {"workflow": files}) if files else Sent({"workflow": sent.fields[FILE]})
    shelf = shelf_of(request, await admission_of(request))

    def read() -> Asked:
        draft = draft_of(one)
        opened = shelf.read(draft.source, draft.declaration)
        return Asked(read=opened, sent=wrapped_values(opened.inputs, prompt, seed))

    return await beside(read)


async def _told(request: web.Request, job: Job, results: Sequence[Result], idx: int, seed: int) -> dict[str, Any]:
    """The last result under the name that this API gives it, and its address: in a store if there is one."""
    last, folders = results[-1], folders_of(request)
    name = file_name(idx, seed, datetime.now(), last.file.filename)
    name = await beside(lambda: _kept(folders, name, last))
    stored = {entry["filename"]: entry["url"] for entry in await uploaded(request, job.submission.id, STORED)}
    here = file_address(request, {"filename": name, "subfolder": "", "type": "output"})
    return {"filename": name, "output_path": str(folders.output), "etag": stored.get(last.file.filename, here)}


def _kept(folders: Folders, name: str, result: Result) -> str:
    """Puts a result into the output folder and gives its name: with a number if that name is taken."""
    data, path = result.path.read_bytes(), folders.output / name
    for number in range(2, MOST_TRIES):
        try:
            store_whole(path, data, overwrite=False)
        except FileExistsError:
            path = path.with_name(f"{PurePosixPath(name).stem}_{number}{path.suffix}")
        else:
            return path.name
    raise StorageError(f"There are too many files named like {name} already.")
