"""A worker that sends some jobs away whole and leaves the others to the one behind it."""

import threading
from collections.abc import Mapping
from concurrent.futures import CancelledError
from typing import Any

from limner.engine.cancellation import Cancellation
from limner.engine.run import Emit, RunRequest, Worker
from limner.graph.catalog import Catalog
from limner.graph.elsewhere import SENT_TO
from limner.graph.errors import LimnerError
from limner.providers.desk import Desk
from limner.providers.sent_run import SentRun
from limner.storage.folders import Folders


class ForwardingWorker:
    """See ``limner.engine.run.Worker``.

    Args:
        inner: Runs what stays here.
        desk: Sends the rest away.
        folders: Where the files of graphs that ran elsewhere are put.
    """

    def __init__(self, inner: Worker, desk: Desk, folders: Folders) -> None:
        self.name = inner.name
        self._inner, self._desk, self._folders = inner, desk, folders
        self._lock = threading.Lock()
        self._away: dict[str, Cancellation] = {}

    def describe(self) -> Catalog:
        """See ``Worker``."""
        return self._inner.describe()

    def run(self, request: RunRequest, emit: Emit) -> None:
        """See ``Worker``."""
        name = request.extra.get(SENT_TO)
        if not isinstance(name, str) or not name:
            self._inner.run(request, emit)
            return
        cancellation = Cancellation()
        with self._lock:
            self._away[request.job] = cancellation
        try:
            self._run_away(name, request, emit, cancellation)
        finally:
            with self._lock:
                self._away.pop(request.job, None)

    def _run_away(self, name: str, request: RunRequest, emit: Emit, cancellation: Cancellation) -> None:
        run = SentRun(request, emit, self._folders.of_owner(request.owner))
        run.begin()
        try:
            _, files = self._desk.run(name, run.order(), run.tell, run.charged, cancellation.listen)
            run.finish(files)
        except CancelledError:
            run.interrupted()
        except LimnerError as error:
            run.interrupted() if cancellation.asked else run.failed(error)

    def cancel(self, job: str) -> None:
        """See ``Worker``."""
        with self._lock:
            cancellation = self._away.get(job)
        if cancellation is not None:
            cancellation.cancel()
        else:
            self._inner.cancel(job)

    def release(self, *, models: bool = False, results: bool = False) -> None:
        """See ``Worker``."""
        self._inner.release(models=models, results=results)

    def status(self) -> Mapping[str, Any]:
        """See ``Worker``."""
        with self._lock:
            away = list(self._away)
        facts = dict(self._inner.status())
        return facts | {"running": [*facts.get("running", ()), *away]}

    def restart(self) -> None:
        """See ``Worker``."""
        self._inner.restart()

    def close(self) -> None:
        """See ``Worker``."""
        with self._lock:
            away = list(self._away.values())
        for cancellation in away:
            cancellation.cancel()
        self._desk.close()
        self._inner.close()
