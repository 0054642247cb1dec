"""The client for ordinary programs: the asyncio one, driven by a thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, Self, TypeVar

from limner_client.async_client import AsyncClient, AsyncJob, Submittable
from limner_client.catalogue import Nodes
from limner_client.messages import Event
from limner_client.results import File, Picture, Result

T = TypeVar("T")


class _Portal:
    """A thread with an event loop, into which other threads call."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="limner-client", daemon=True)
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs a coroutine there and waits; an interrupted wait cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def iterate(self, source: AsyncIterator[T]) -> Iterator[T]:
        """The items of an asynchronous iterator, one by one."""

        async def following() -> tuple[bool, Any]:
            try:
                return True, await anext(source)
            except StopAsyncIteration:
                return False, None

        while True:
            more, item = self.call(following())
            if not more:
                return
            yield item

    def close(self) -> None:
        """Ends the thread."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Job:
    """A job that a server has accepted; see ``AsyncJob``."""

    def __init__(self, job: AsyncJob, portal: _Portal) -> None:
        self._job, self._portal = job, portal

    @property
    def id(self) -> str:
        """Its id."""
        return self._job.id

    @property
    def number(self) -> float:
        """Its place in the queue's order."""
        return self._job.number

    @property
    def node_errors(self) -> Mapping[str, Any]:
        """What was wrong with parts that will not run."""
        return self._job.node_errors

    def events(self) -> Iterator[Event]:
        """What happens, until the job has ended. May be read once."""
        return self._portal.iterate(self._job.events())

    def wait(self, timeout: float | None = None) -> Result:
        """Waits for the end and fetches the pictures; raises what ``AsyncJob.wait`` raises."""
        return self._portal.call(self._job.wait(timeout))

    def result(self) -> Result:
        """What it left, once its events have been read."""
        return self._portal.call(self._job.client.result(self._job))

    def cancel(self) -> None:
        """Takes it out of the queue, or stops it if it runs."""
        self._portal.call(self._job.cancel())


class Client:
    """Talks to a server that speaks ComfyUI's API: Limner, or ComfyUI itself.

        with Client() as client:
            result = client.run(workflow)
            result.pictures[0].save("picture.png")

    Methods are those of ``AsyncClient``, which documents them.
    """

    def __init__(self, server: str = "http://127.0.0.1:8188", **choices: Any) -> None:
        """Opens nothing yet. ``choices`` are those of ``AsyncClient``."""
        self._client = AsyncClient(server, **choices)
        self._portal = _Portal()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes all connections; jobs go on."""
        self._portal.call(self._client.close())
        self._portal.close()

    @property
    def server(self) -> str:
        """The server's address."""
        return self._client.server

    def submit(self, workflow: Submittable, **choices: Any) -> Job:
        """Puts a workflow into the queue."""
        return Job(self._portal.call(self._client.submit(workflow, **choices)), self._portal)

    def run(self, workflow: Submittable, *, timeout: float | None = None, **choices: Any) -> Result:
        """Submits and waits."""
        return self._portal.call(self._client.run(workflow, timeout=timeout, **choices))

    def cancel(self, job_id: str) -> None:
        """Takes a job out of the queue, or stops it if it runs."""
        self._portal.call(self._client.cancel(job_id))

    def interrupt(self) -> None:
        """Stops whatever runs."""
        self._portal.call(self._client.interrupt())

    def queue(self) -> dict[str, Any]:
        """What runs and waits."""
        return self._portal.call(self._client.queue())

    def clear_queue(self) -> None:
        """Takes all waiting jobs out of the queue."""
        self._portal.call(self._client.clear_queue())

    def history(self, job_id: str | None = None, *, max_items: int | None = None) -> dict[str, Any]:
        """Finished jobs by id."""
        return self._portal.call(self._client.history(job_id, max_items=max_items))

    def upload(self, image: bytes | str | Path, name: str | None = None, **choices: Any) -> File:
        """Puts a picture where ``LoadImage`` finds it."""
        return self._portal.call(self._client.upload(image, name, **choices))

    def view(self, file: File) -> bytes:
        """A file's bytes."""
        return self._portal.call(self._client.view(file))

    def picture(self, file: File) -> Picture:
        """A file with its media type."""
        return self._portal.call(self._client.picture(file))

    def models(self, folder: str | None = None) -> list[str]:
        """File names of models in a folder; without one, the folders."""
        return self._portal.call(self._client.models(folder))

    def embeddings(self) -> list[str]:
        """Names of learned words."""
        return self._portal.call(self._client.embeddings())

    def object_info(self, class_type: str | None = None) -> dict[str, Any]:
        """Node types by name."""
        return self._portal.call(self._client.object_info(class_type))

    def nodes(self) -> Nodes:
        """The server's node types, to be called: ``client.nodes().KSampler(model=..., seed=7)``."""
        return self._portal.call(self._client.nodes())

    def system_stats(self) -> dict[str, Any]:
        """Versions, devices and memory."""
        return self._portal.call(self._client.system_stats())

    def features(self) -> dict[str, Any]:
        """What the server can do beyond the usual."""
        return self._portal.call(self._client.features())

    def free(self, *, models: bool = True, results: bool = False) -> None:
        """Lets the server give back memory."""
        self._portal.call(self._client.free(models=models, results=results))
