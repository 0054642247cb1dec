"""Limner's own nodes as V1 classes, for packs that call them: ``nodes.VAEDecode().decode(vae, samples)``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from comfy_host.context import Host, host, running
from comfy_host.core_class_keys import METHODS
from limner.backends.in_process_binding import Callee, normal
from limner.engine.blocked import Blocked
from limner.engine.events import NodePlace
from limner.engine.run import RunRequest
from limner.graph.api_document import to_document
from limner.graph.declare import NodeDefinition, NodeResult
from limner.graph.errors import UnknownNameError
from limner.graph.node_check import INPUT_FILES
from limner.graph.node_type import Input, NodeType
from limner.graph.progress import Progress
from limner.storage.folders import pictures

DEFAULT_METHOD = "execute"


class CoreNode:
    """Root of the classes made from Limner's definitions."""

    DEFINITION: NodeDefinition

    @classmethod
    def INPUT_TYPES(cls) -> dict[str, Any]:  # noqa: N802 - the name is what packs ask for
        """The inputs, with the lists of now."""
        return input_types(cls.DEFINITION.type)


def class_of(definition: NodeDefinition) -> type[CoreNode]:
    """A V1 class for a definition."""
    described = definition.type
    method, order = METHODS.get(described.name, (DEFAULT_METHOD, ()))
    members: dict[str, Any] = {
        "DEFINITION": definition,
        "FUNCTION": method,
        "RETURN_TYPES": tuple(output.type for output in described.outputs),
        "RETURN_NAMES": tuple(output.name for output in described.outputs),
        "OUTPUT_IS_LIST": tuple(output.is_list for output in described.outputs),
        "INPUT_IS_LIST": described.takes_lists,
        "OUTPUT_NODE": described.is_output,
        "CATEGORY": described.category,
        "DESCRIPTION": described.doc,
        "__doc__": described.doc,
        "__module__": described.module,
        method: _method(definition, order or _declared(described)),
    }
    return type(described.name, (CoreNode,), members | _questions(definition))


def _questions(definition: NodeDefinition) -> dict[str, Any]:
    """``IS_CHANGED`` and ``VALIDATE_INPUTS``, where the definition has something to say."""
    found: dict[str, Any] = {}
    fingerprint = definition.fingerprint
    if fingerprint is not None:

        def is_changed(cls: type, **inputs: Any) -> Any:
            return fingerprint(**inputs, **_services(definition, host()))

        found["IS_CHANGED"] = classmethod(is_changed)
    entry = next((entry for entry in definition.type.inputs if entry.choices_from in INPUT_FILES), None)
    if entry is not None:
        found["VALIDATE_INPUTS"] = classmethod(_file_check(entry))
    return found


def _file_check(entry: Input) -> Any:
    """A validation function that takes one input, a file of the user: it need not be listed, but exist."""
    kind = INPUT_FILES[entry.choices_from or ""]

    def validate(cls: type, **inputs: Any) -> bool | str:
        name = inputs.get(entry.name)
        return name is None or host().folders.has(str(name)) or f"Invalid {kind} file: {name}"

    parameters = [
        inspect.Parameter("cls", inspect.Parameter.POSITIONAL_OR_KEYWORD),
        inspect.Parameter(entry.name, inspect.Parameter.POSITIONAL_OR_KEYWORD),
    ]
    validate.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return validate


def _declared(described: NodeType) -> tuple[str, ...]:
    return (*(entry.name for entry in described.inputs), *described.hidden)


def _method(definition: NodeDefinition, order: tuple[str, ...]) -> Any:
    known = {*_declared(definition.type)}

    def call(self: object, *values: Any, **named: Any) -> Any:
        if len(values) > len(order):
            raise TypeError(f"{definition.type.name} takes {len(order)} arguments; {len(values)} were given.")
        given = dict(zip(order, values, strict=False)) | named
        return call_definition(definition, {name: value for name, value in given.items() if name in known})

    call.__doc__ = definition.type.doc
    return call


def call_definition(definition: NodeDefinition, inputs: Mapping[str, Any]) -> Any:
    """Calls a node of Limner's with values of a pack, and gives what a V1 class would give."""
    worker = host()
    given = {name: worker.bridge.to_native(value) for name, value in inputs.items()}
    returned = definition.function(**given, **_services(definition, worker))
    if inspect.isawaitable(returned):
        return _classic_later(definition, returned, worker)
    return classic(definition, returned, worker)


async def _classic_later(definition: NodeDefinition, returned: Any, worker: Host) -> Any:
    return classic(definition, await returned, worker)


def classic(definition: NodeDefinition, returned: Any, worker: Host) -> Any:
    """What a definition returned, as a V1 class would: a tuple, or a dict with ``ui``, ``result`` and ``expand``."""
    result: NodeResult = normal(Callee.of(definition), returned)
    values = tuple(_value(value, worker) for value in result.values)
    if result.ui is None and result.expand is None:
        return values
    answer: dict[str, Any] = {"result": values} if values else {}
    if result.ui is not None:
        answer["ui"] = dict(result.ui)
    return answer | ({"expand": to_document(result.expand)} if result.expand is not None else {})


def _value(value: Any, worker: Host) -> Any:
    if isinstance(value, Blocked):
        from comfy_execution.graph import ExecutionBlocker  # a host module, on the path of a worker only

        return ExecutionBlocker(value.message)
    return worker.bridge.to_host(value)


def _services(definition: NodeDefinition, worker: Host) -> dict[str, Any]:
    """The services that a definition asks for.

    Raises:
        UnknownNameError: if it asks for one that only a run has, outside of any.
    """
    step = running()
    available: dict[str, Any] = {type(part).__name__: part for part in worker.parts()}
    available |= {Progress.__name__: step.progress}
    for kind, value in ((NodePlace, step.place), (RunRequest, step.request)):
        if value is not None:
            available[kind.__name__] = value
    found = {}
    for name, kind in definition.services.items():
        if kind.__name__ not in available:
            raise UnknownNameError("service", kind.__name__, available, f"{definition.type.name} needs it.")
        found[name] = available[kind.__name__]
    return found


def input_types(described: NodeType) -> dict[str, Any]:
    """``INPUT_TYPES`` of a node type."""
    inputs: dict[str, Any] = {"required": {}}
    for entry in described.inputs:
        category = "required" if entry.required else "optional"
        inputs.setdefault(category, {})[entry.name] = _declaration(entry)
    if described.hidden:
        inputs["hidden"] = dict(described.hidden)
    return inputs


def _declaration(entry: Input) -> tuple[Any, ...]:
    kind: Any = entry.type
    if entry.type == "COMBO":
        kind = list(entry.choices) if entry.choices is not None else _listed(entry.choices_from)
    return (kind, dict(entry.options)) if entry.options else (kind,)


def _listed(source: str | None) -> list[str]:
    worker = host()
    if source == "samplers":
        return [named.name for named in worker.samplers.named_samplers()]
    if source == "schedules":
        return [named.name for named in worker.samplers.named_schedules()]
    if source == "input pictures":
        return list(pictures(worker.folders.input))
    try:
        return worker.folders.list(source) if source else []
    except UnknownNameError:
        return []
