"""The way into the queue that all doors share: a graph is prepared, checked, and on disk before anybody is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from limner.dialects.comfy.prompt_request import refusal
from limner.graph.api_document import to_document
from limner.graph.catalog import Catalog
from limner.graph.check import Checked, check
from limner.graph.errors import StorageError, WorkerLostError
from limner.graph.graph import Graph
from limner.jobs.records import FINAL, Errand, Submission
from limner.server.caller import EVERYBODY, Caller, caller_of
from limner.server.packs import Packs
from limner.server.route import PACKS, SERVICE
from limner.server.service import Service
from limner.server.starting import known_catalog, starting_reason

LISTENER = "X-Limner-Client"
"""Header of clients that ask through a door without sockets and listen at ``/ws?clientId=`` all the same."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """A job that somebody asks for.

    Attributes:
        id: Of the job.
        graph: What is to run.
        dialect: Which API it came through.
        client: Id of the WebSocket to tell, or None.
        number: Its place in the queue, if one was given; lower runs first.
        front: Before everything that waits.
        targets: Output nodes to run; None: all of them.
        extra: What came beside the graph.
        secrets: Keys for nodes.
        previews: Whether somebody wants to see pictures on the way.
        errands: What is to be done once the job has ended: files brought somewhere, somebody told.
        key: A key that its owner may use only once; empty: none.
        labels: Short texts by name, by which lists find the job.
    """

    id: str
    graph: Graph
    dialect: str
    client: str | None = None
    number: float | None = None
    front: bool = False
    targets: tuple[str, ...] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    previews: bool = False
    errands: tuple[Errand, ...] = ()
    key: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Admitted:
    """What became of a wish.

    Attributes:
        checked: The graph with all that is wrong with it; with a ``problem`` it was not accepted.
        number: The job's place in the queue; None if it was not accepted.
        notes: What was changed before it was checked.
    """

    checked: Checked
    number: int | float | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Admission:
    """Takes somebody's wishes in, by what the worker can do now.

    Attributes:
        service: What runs them.
        packs: Node packs that check with it.
        catalog: What the worker can do.
        caller: Who asks.
        listener: Id of the WebSocket to tell, for wishes that name none.
    """

    service: Service
    packs: Packs
    catalog: Catalog
    caller: Caller = EVERYBODY
    listener: str | None = None

    def decide(self, wish: Wish) -> Admitted:
        """Prepares, checks and submits. Blocks until the job is on disk.

        Raises:
            GraphError: if its id belongs to another job that is not done, or its key was used before.
            StorageError: if it cannot be written down.
        """
        judged = self.judge(wish)
        if judged.checked.problem is not None:
            return judged
        extra = dict(wish.extra)
        if judged.notes:
            embed(extra, "limner", {"substituted": list(judged.notes)})
        number = _submit(self.service, self._submission(wish, judged.checked, extra))
        return Admitted(judged.checked, number, judged.notes)

    def judge(self, wish: Wish) -> Admitted:
        """Prepares and checks; nothing enters the queue. Blocks."""
        graph, notes = wish.graph, ()
        if self.service.prepare is not None:
            graph, told = self.service.prepare(graph, self.catalog)
            notes = tuple(told)
        return Admitted(self._check(graph, wish.targets), None, notes)

    def _check(self, graph: Graph, targets: tuple[str, ...] | None) -> Checked:
        """Checks a graph against what there is now, with the help of the node packs that it uses."""
        packs, service = self.packs, self.service
        if packs.gateway is None:
            return check(graph, self.catalog, service.lists, targets, exists=service.folders.has)
        catalog = packs.refreshed(self.catalog, {node.type for node in graph.nodes.values()})
        exists, validate = service.folders.has, packs.validate
        return check(graph, catalog, service.lists, targets, exists=exists, validate=validate)

    def _errands(self, wish: Wish) -> tuple[Errand, ...]:
        """What follows the job: what was asked for, and what the settings say."""
        plan = self.service.deliveries
        return wish.errands if plan is None else plan.with_defaults(wish.errands)

    def _submission(self, wish: Wish, checked: Checked, extra: dict[str, Any]) -> Submission:
        settings = self.service.settings
        return Submission(
            id=wish.id,
            number=wish.number,
            front=wish.front,
            document=to_document(checked.graph),
            targets=checked.targets,
            extra=extra,
            secrets=dict(wish.secrets),
            client=wish.client or self.listener,
            dialect=wish.dialect,
            preview_size=settings.preview_size if wish.previews else 0,
            substitute=settings.substitute,
            owner=self.caller.owner,
            errands=self._errands(wish),
            key=wish.key,
            labels=dict(wish.labels),
        )


async def admission_of(request: web.Request) -> Admission:
    """The way in for whoever makes a request.

    Raises:
        WorkerLostError: if no worker is up yet.
    """
    catalog = await known_catalog(request)
    if catalog is None:
        raise WorkerLostError(starting_reason(request))
    caller, listener = caller_of(request), request.headers.get(LISTENER)
    return Admission(request.app[SERVICE], request.app[PACKS], catalog, caller, listener)


def embed(extra: dict[str, Any], key: str, value: Any) -> None:
    """Adds to what is written into pictures; what the client sent stays."""
    known = extra.get("extra_pnginfo")
    extra["extra_pnginfo"] = {key: value} | (dict(known) if isinstance(known, dict) else {})


def _submit(service: Service, submission: Submission) -> int | float:
    """Puts a job into the queue and gives its number.

    Raises:
        GraphError: if its id belongs to another job that is not done.
        StorageError: if it cannot be written down.
    """
    try:
        return service.dispatcher.submit(submission).submission.number or 0
    except StorageError as error:
        known = service.dispatcher.journal.get(submission.id)
        if known is not None and known.state not in FINAL:
            details = f"{submission.id} waits or runs already. Send another id, or none."
            raise refusal("invalid_prompt_id", "This prompt_id is taken.", details) from error
        raise
