"""The way into the queue that all doors share: a graph is prepared, checked, and on disk before anybody is answered."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from limner.dialects.comfy.prompt_request import refusal
from limner.graph.api_document import to_document
from limner.graph.catalog import Catalog, Lists
from limner.graph.check import Checked, check
from limner.graph.elsewhere import SENT_TO
from limner.graph.errors import StorageError, WorkerLostError
from limner.graph.graph import Graph
from limner.jobs.records import FINAL, Errand, Submission
from limner.server.caller import EVERYBODY, Caller, caller_of, lists_of
from limner.server.elsewhere import Here, Placed, check_there, place
from limner.server.limits import LIMITS, Limits
from limner.server.packs.packs import Packs
from limner.server.route import PACKS, SERVICE
from limner.server.service import Service
from limner.server.starting import known_catalog, starting_reason
from limner.server.traces import TRACES

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
        sent_to: The service that runs it; empty: this machine.
    """

    checked: Checked
    number: int | float | None
    notes: tuple[str, ...] = ()
    sent_to: str = ""


@dataclass(frozen=True)
class Admission:
    """Takes somebody's wishes in, by what the worker can do now.

    Attributes:
        service: What runs them.
        packs: Node packs that check with it.
        catalog: What the worker can do.
        caller: Who asks.
        listener: Id of the WebSocket to tell, for wishes that name none.
        limits: How much may be asked for; None: any.
        lists: What the caller sees in lists; None: what everybody does.
        follow: Hears the id of a job before it enters the queue; None: nobody does.
    """

    service: Service
    packs: Packs
    catalog: Catalog
    caller: Caller = EVERYBODY
    listener: str | None = None
    limits: Limits | None = None
    lists: Lists | None = None
    follow: Callable[[str], None] | None = None

    def decide(self, wish: Wish) -> Admitted:
        """Prepares, checks and submits. Blocks until the job is on disk.

        Raises:
            GraphError: if its id belongs to another job that is not done, its key was used before, or the caller may
                have no further job now.
            StorageError: if it cannot be written down.
        """
        judged = self.judge(wish)
        if judged.checked.problem is not None:
            return judged
        extra = dict(wish.extra)
        if judged.sent_to:
            extra[SENT_TO] = judged.sent_to
        if judged.notes:
            embed(extra, "limner", {"substituted": list(judged.notes)})
        if self.follow is not None:
            self.follow(wish.id)
        with nullcontext() if self.limits is None else self.limits.turn(self.caller.owner):
            number = _submit(self.service, self._submission(wish, judged.checked, extra))
        return Admitted(judged.checked, number, judged.notes, judged.sent_to)

    def judge(self, wish: Wish) -> Admitted:
        """Prepares and checks; nothing enters the queue. Blocks."""
        placed = self._placed(wish)
        graph, notes = placed.graph, ()
        if placed.sent_to and self.service.elsewhere is not None:
            return Admitted(self._checked_there(placed, wish), None, sent_to=placed.sent_to)
        if self.service.prepare is not None:
            graph, told = self.service.prepare(graph, self.catalog)
            notes = tuple(told)
        return Admitted(self._check(graph, wish.targets), None, notes)

    def _placed(self, wish: Wish) -> Placed:
        """Where the graph is to run, and what of it there and what here."""
        elsewhere = self.service.elsewhere
        if elsewhere is None:
            return Placed(wish.graph)
        here = Here(self.service.folders, self.catalog, self.lists or self.service.lists)
        return place(elsewhere, here, wish.graph, wish.extra)

    def _checked_there(self, placed: Placed, wish: Wish) -> Checked:
        """A graph that runs elsewhere, checked against what they can do there."""
        assert self.service.elsewhere is not None
        exists = self.service.folders.of_owner(self.caller.owner).has
        lists = self.lists or self.service.lists
        return check_there(self.service.elsewhere, placed.sent_to, placed.graph, lists, wish.targets, exists)

    def _check(self, graph: Graph, targets: tuple[str, ...] | None) -> Checked:
        """Checks a graph against what there is now, with the help of the node packs that it uses."""
        packs, lists = self.packs, self.lists or self.service.lists
        exists = self.service.folders.of_owner(self.caller.owner).has
        if packs.gateway is None:
            return check(graph, self.catalog, lists, targets, exists=exists)
        catalog = packs.refreshed(self.catalog, {node.type for node in graph.nodes.values()})
        return check(graph, catalog, lists, targets, exists=exists, validate=packs.validate)

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
    app, caller, listener = request.app, caller_of(request), request.headers.get(LISTENER)
    limits, traces = app.get(LIMITS), app.get(TRACES)
    follow = traces.follow if traces is not None else None
    return Admission(app[SERVICE], app[PACKS], catalog, caller, listener, limits, lists_of(request), follow)


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
        if known is not None and (known.state not in FINAL or known.submission.owner != submission.owner):
            details = f"{submission.id} is another job's already. Send another id, or none."
            raise refusal("invalid_prompt_id", "This prompt_id is taken.", details) from error
        raise
