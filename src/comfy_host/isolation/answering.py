"""The side of the pack's process: loads the pack, then answers the worker until it goes away."""

from __future__ import annotations

import contextlib
import inspect
import json
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from comfy_host.adapter import definition_of, node_info
from comfy_host.gateway import as_json
from comfy_host.isolation.messages import (
    Answered,
    Call,
    Described,
    Failed,
    Forget,
    Job,
    Line,
    NodeFacts,
    Pictured,
    Progressed,
    Said,
    Stop,
    Texted,
)
from comfy_host.isolation.values import Exchange
from comfy_host.joining import Packs
from comfy_host.pack_step import PackRun
from comfy_host.switchboard import Switchboard
from limner.engine.events import NodePlace
from limner.engine.run import RunRequest
from limner.graph.api_document import from_document
from limner.graph.charge import Charge
from limner.graph.declare import NodeDefinition
from limner.graph.errors import InterruptedRun, StepError
from limner.graph.progress import Preview, Progress

FUNCTIONS = ("fingerprint", "validate", "needs", "inspect")

DOCUMENTS = ("EXTRA_PNGINFO", "PROMPT")
"""Hidden values that packs write into, so that it gets into the pictures of later nodes."""

FRAMES = 40
"""Frames of a traceback that are told."""

JOBS = 64
"""Runs that are remembered."""


class RelayBoard(Switchboard):
    """Hands messages for clients to the worker.

    Args:
        line: To the worker.
    """

    def __init__(self, line: Line) -> None:
        super().__init__()
        self._line = line

    def _put(self, kind: bytes, body: bytes) -> None:
        with contextlib.suppress(OSError):  # the worker is gone, and this process ends
            self._line.send(Said(kind=kind, body=body))


class RelayProgress:
    """Hands progress to the worker; implements ``limner.graph.progress.Progress``."""

    def __init__(self, line: Line, call: Call) -> None:
        self.preview_size = call.preview_size
        self.stopped = threading.Event()
        self._line, self._call = line, call.call

    def report(self, value: float, total: float, preview: Preview | None = None, *, quiet: bool = False) -> None:
        """See ``Progress``."""
        self.check()
        told = Progressed(call=self._call, value=_number(value), total=_number(total), preview=preview, quiet=quiet)
        self._line.send(told)

    def picture(self, picture: Preview) -> None:
        """See ``Progress``."""
        self._line.send(Pictured(call=self._call, picture=picture))

    def text(self, text: str) -> None:
        """See ``Progress``."""
        self._line.send(Texted(call=self._call, text=str(text)))

    def charged(self, charge: Charge) -> None:
        """Packs make no requests through Limner's providers."""

    def check(self) -> None:
        """See ``Progress``."""
        if self.stopped.is_set():
            raise InterruptedRun("The run was asked to stop.")


class Answering:
    """Answers the worker.

    Args:
        packs: The pack, loaded.
        line: To the worker.
    """

    def __init__(self, packs: Packs, line: Line) -> None:
        self._packs, self._line = packs, line
        name = next((report.name for report in packs.reports), "")
        self._exchange = Exchange(
            f"it lies in the worker, and the node pack {name} runs in a process of its own, where it can only be "
            f"handed on. Start the server without --isolate-packs for {name}."
        )
        self._runs: dict[str, Mapping[type, Any]] = {}
        self._progress: dict[int, RelayProgress] = {}

    def description(self) -> Described:
        """What was loaded."""
        loaded, board = self._packs.loaded, self._packs.host.switchboard
        nodes = {
            name: _facts(definition, loaded.classes[name].display_name)
            for name, definition in loaded.definitions.items()
        }
        gateway = self._packs.gateway
        return Described(
            report=loaded.reports[0],
            nodes=nodes,
            web=gateway.web if gateway is not None else loaded.web,
            gateway=gateway,
            replacements=board.node_replacements,
        )

    def serve(self) -> None:
        """Answers until the worker is gone."""
        with contextlib.suppress(EOFError, OSError):
            while True:
                self._handle(self._line.receive())

    def _handle(self, message: Job | Call | Stop | Forget) -> None:
        match message:
            case Job():
                self._begin(message)
            case Forget():
                self._exchange.forget(message.numbers)
            case Stop():
                progress = self._progress.get(message.call)
                if progress is not None:
                    progress.stopped.set()
            case Call():
                self._progress[message.call] = RelayProgress(self._line, message)
                threading.Thread(target=self._answer, args=(message,), name=f"call-{message.call}", daemon=True).start()

    def _begin(self, job: Job) -> None:
        request = RunRequest(
            job=job.job,
            graph=from_document(job.document),
            targets=job.targets,
            document=job.document,
            extra=job.extra,
            owner=job.owner,
        )
        kept = list(self._runs.items())[-(JOBS - 1) :]
        self._runs = {**dict(kept), job.job: self._packs.services_for(request)}

    def _answer(self, call: Call) -> None:
        """Answers a call, whatever its code does: what it raises is the answer."""
        try:
            value = self._value(call)
            answer: Answered | Failed = Answered(call=call.call, value=self._exchange.pack(value))
        except BaseException as error:
            answer = _failed(call, error)
        finally:
            self._progress.pop(call.call, None)
        with contextlib.suppress(OSError):
            unwanted = self._exchange.unwanted()
            if unwanted:
                self._line.send(Forget(numbers=unwanted))
            try:
                self._line.send(answer)
            except (TypeError, ValueError, OverflowError) as error:
                self._line.send(_failed(call, error))

    def _value(self, call: Call) -> Any:
        inputs = self._exchange.unpack(call.inputs or {})
        board = self._packs.host.switchboard
        match call.what:
            case "release":
                return self._packs.release()
            case "prompt":
                return board.handle_prompt(inputs)
            case "info":
                return json.dumps(self._asked(node_info, call.node), default=as_json)
            case "type":
                described = self._asked(definition_of, call.node).type
                return msgspec.json.encode(described, enc_hook=str)
        definition = self._definition(call.node)
        if call.what in ("validate", "inspect"):
            answer = getattr(definition, call.what)(**inputs)
            return list(answer) if call.what == "inspect" else self._awaited(answer)
        function = definition.function if call.what == "call" else getattr(definition, call.what)
        value = self._awaited(function(**inputs, **self._services(call)))
        return [value, self._changed(definition, call, inputs)] if call.what == "call" else value

    def _changed(self, definition: NodeDefinition, call: Call, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """The documents that a call wrote into."""
        documents = [name for name, kind in definition.type.hidden.items() if kind in DOCUMENTS and name in inputs]
        return {name: inputs[name] for name in documents if self._exchange.pack(inputs[name]) != call.inputs[name]}

    def _services(self, call: Call) -> dict[str, Any]:
        run = self._runs.get(call.job)
        if run is None or call.place is None:
            raise StepError("The run that a step belongs to is not known. Please report this.")
        found: dict[type, Any] = {
            PackRun: run[PackRun],
            NodePlace: call.place,
            Progress: self._progress[call.call],
        }
        return {name: found[kind] for name, kind in self._definition(call.node).services.items()}

    def _awaited(self, value: Any) -> Any:
        if not inspect.isawaitable(value):
            return value

        async def awaited() -> Any:
            return await value

        return self._packs.host.switchboard.submit(awaited()).result()

    def _definition(self, name: str) -> NodeDefinition:
        definition = self._packs.definitions.get(name)
        if definition is None:
            raise StepError(f"The pack does not have the node {name} any more, since its process was started anew.")
        return definition

    def _asked(self, ask: Callable[..., Any], name: str) -> Any:
        self._definition(name)
        found = self._packs.loaded.classes[name]
        return ask(found.kind, name, found.display_name, found.module)


def _number(value: float) -> int | float:
    """A number as clients are told it: whole ones without a point, whatever library they come from."""
    return value if type(value) is int else float(value)


def _facts(definition: NodeDefinition, display_name: str | None) -> NodeFacts:
    return NodeFacts(
        type=definition.type,
        display_name=str(display_name) if display_name is not None else None,
        is_coroutine=inspect.iscoroutinefunction(definition.function),
        functions=tuple(name for name in FUNCTIONS if getattr(definition, name) is not None),
    )


def _failed(call: Call, error: BaseException) -> Failed:
    kind = type(error)
    try:
        text = str(error)
    except Exception:  # somebody else's __str__
        text = f"{kind.__name__} (its text cannot be printed)"
    return Failed(
        call=call.call,
        kind=kind.__qualname__,
        module=kind.__module__,
        text=text,
        lines=tuple(traceback.format_tb(error.__traceback__, limit=-FRAMES)),
        interrupted=isinstance(error, InterruptedRun),
    )
