"""Jobs and assets as answers of Comfy API v2: what the journal, the index and running jobs know, joined."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web

from limner.dialects.comfy_v2.asset_json import asset_entry, output_entry
from limner.dialects.comfy_v2.job_json import View, job_entry, listed_entry
from limner.dialects.comfy_v2.outputs import Made, outputs_of
from limner.graph.errors import LimnerError
from limner.jobs.journal import Journal
from limner.jobs.records import Job, JobState
from limner.server.assets.library import AssetLibrary
from limner.server.assets.parts import LIBRARIES
from limner.server.comfy_v2.door import base_of
from limner.server.comfy_v2.live import LIVE, Live
from limner.server.public_address import file_address
from limner.server.route import SERVICE
from limner.server.whole_files import write_whole
from limner.storage.asset_records import MODELS, Asset, Details
from limner.storage.asset_scan import locate

MILLISECOND = 1_000_000
SLACK = 2_000
"""Milliseconds that a job's file may be younger than the job's end; what is younger still was made by somebody else."""


@dataclass(frozen=True)
class Viewer:
    """Writes jobs and assets for one request. All methods block, but for ``live``."""

    request: web.Request

    @property
    def journal(self) -> Journal:
        """What remembers jobs."""
        return self.request.app[SERVICE].dispatcher.journal

    @property
    def live(self) -> Live:
        """What knows of jobs that run."""
        return self.request.app[LIVE]

    def job(self, job: Job) -> dict[str, Any]:
        """A job."""
        return job_entry(job, self._view(job))

    def accepted(self, job: Job) -> dict[str, Any]:
        """A job as it was accepted: it waits, whatever has become of it since."""
        began = Job(submission=job.submission)
        return job_entry(began, View(base=base_of(self.request), position=self.position(job)))

    def listed(self, job: Job) -> dict[str, Any]:
        """A job in a list."""
        return listed_entry(job, self._view(job))

    def asset(self, asset: Asset, *, created_new: bool | None = None) -> dict[str, Any]:
        """An asset."""
        return asset_entry(asset, self._address(asset), _now(), created_new=created_new)

    def outputs(self, job: Job) -> list[dict[str, Any]]:
        """What a job has made so far."""
        made = outputs_of(job)
        library = self.request.app[LIBRARIES].library(job.submission.owner) if made else None
        return [self._output(one, _found(library, one, job.ended)) for one in made if library is not None]

    def position(self, job: Job) -> int | None:
        """A waiting job's place in the queue."""
        return self.journal.position(job.submission.id) if job.state is JobState.WAITING else None

    def _view(self, job: Job) -> View:
        return View(
            base=base_of(self.request),
            outputs=self.outputs(job),
            progress=self.live.progress(job) if job.state is JobState.RUNNING else None,
            position=self.position(job),
        )

    def _output(self, made: Made, asset: Asset | None) -> dict[str, Any]:
        address = f"{base_of(self.request)}/assets/{made.id}/content" if asset is None else self._address(asset)
        return output_entry(made, asset, address, _now())

    def _address(self, asset: Asset) -> str:
        """Where an asset's bytes are; where accounts are on, an address that opens without a key if there is one."""
        if self.request.app[SERVICE].accounts is None or asset.place.startswith(MODELS):
            return f"{base_of(self.request)}/assets/{asset.id}/content"
        folder, _, name = asset.path.rpartition("/")
        return file_address(self.request, {"filename": name, "subfolder": folder, "type": asset.place})


def viewer_of(request: web.Request) -> Viewer:
    """Writes jobs and assets for a request."""
    return Viewer(request)


def _found(library: AssetLibrary, made: Made, ended: int) -> Asset | None:
    """The asset of an output; None if its file is gone or is somebody else's by now."""
    try:
        path = _written(library, made, ended)
        return None if path is None or is_younger(path, ended) else _asset(library, made, path)
    except (LimnerError, OSError):
        return None


def is_younger(path: Path, ended: int) -> bool:
    """Whether a file was written after the job had ended that should have made it.

    Raises:
        OSError: if it is gone.
    """
    return ended > 0 and path.stat().st_mtime_ns // MILLISECOND > ended + SLACK


def _written(library: AssetLibrary, made: Made, ended: int) -> Path | None:
    """Where an output's file lies; a text that was told and not saved gets one."""
    path = locate(library.folders, made.place, made.path)
    if path is None and made.text is not None:
        path = library.folders.of_type(made.place) / made.path
        write_whole(path, made.text.encode("utf-8", "replace"))
        if ended:
            os.utime(path, ns=(ended * MILLISECOND, ended * MILLISECOND))
    return path


def _asset(library: AssetLibrary, made: Made, path: Path) -> Asset:
    """The asset over an output's file: the job's own, or that of an earlier job whose result it was given."""
    state = path.stat()
    known = {
        asset.job: asset
        for asset in library.index.at(made.place, made.path)
        if asset.digest and (asset.size, asset.modified) == (state.st_size, state.st_mtime_ns)
    }
    if made.job in known:
        return known[made.job]
    return next(iter(known.values()), None) or _registered(library, made)


def _registered(library: AssetLibrary, made: Made) -> Asset:
    return library.register(made.place, made.path, Details(job=made.job, id=made.id))[0]


def _now() -> int:
    return time.time_ns() // 1_000_000
