"""V1 classes: ``INPUT_TYPES``, ``RETURN_TYPES``, ``FUNCTION`` and what else a class may say, as a node definition."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from comfy_host.pack_step import SERVICES, PackStep
from comfy_host.v1_inputs import DeclaredInputs, declared_outputs, plain_text
from limner.graph.declare import NodeDefinition, NodeResult
from limner.graph.node_type import NodeType
from limner.graph.validation import EVERYTHING

DEFAULT_CATEGORY = "sd"


class V1Node:
    """A V1 class as the functions of a node definition.

    Args:
        kind: The class.
        described: What it is, as data.
    """

    def __init__(self, kind: type, described: NodeType) -> None:
        self.kind, self.type = kind, described
        self._count = len(described.outputs)
        self._method: str = kind.FUNCTION  # type: ignore[attr-defined]
        self._pack = described.pack

    def call(self, **given: Any) -> NodeResult:
        """Calls the class's function."""
        step, inputs = PackStep.split(given)
        with step.entered(self._pack), step.run.instances.lent(step.place, self.kind) as instance:
            returned = getattr(instance, self._method)(**self._arguments(step, inputs))
            return step.result(returned, self._count)

    async def call_async(self, **given: Any) -> NodeResult:
        """Calls and awaits the class's function. Coroutines of a pack run beside each other, as ComfyUI lets them."""
        step, inputs = PackStep.split(given)
        with step.entered(), step.run.instances.lent(step.place, self.kind) as instance:
            returned = getattr(instance, self._method)(**self._arguments(step, inputs))
            return step.result(await returned if inspect.isawaitable(returned) else returned, self._count)

    def needs(self, **given: Any) -> Any:
        """Asks ``check_lazy_status`` which lazy inputs are wanted; may give something to await."""
        step, inputs = PackStep.split(given)
        with step.entered(), step.run.instances.lent(step.place, self.kind) as instance:
            answer = instance.check_lazy_status(**self._arguments(step, inputs))
            return _wanted_later(answer) if inspect.isawaitable(answer) else _wanted(answer)

    def fingerprint(self, **given: Any) -> Any:
        """Asks ``IS_CHANGED``, with the hidden values that ComfyUI gives it; may give something to await."""
        step, inputs = PackStep.split(given)
        hidden = {"UNIQUE_ID": step.place.node, "PROMPT": {}}
        inputs |= {name: hidden.get(kind) for name, kind in self.type.hidden.items() if name not in inputs}
        if self.type.takes_lists:
            inputs = {name: [value] for name, value in inputs.items()}
        with step.entered():
            answer = self.kind.IS_CHANGED(**inputs)  # type: ignore[attr-defined]
            return _comparable_later(answer) if inspect.isawaitable(answer) else comparable(answer)

    def validate(self, **inputs: Any) -> Any:
        """Asks ``VALIDATE_INPUTS`` with the values given: True, False or a sentence; or something to await."""
        return self.kind.VALIDATE_INPUTS(**inputs)  # type: ignore[attr-defined]

    def _arguments(self, step: PackStep, inputs: Mapping[str, Any]) -> dict[str, Any]:
        if self.type.takes_any:
            inputs = DeclaredInputs.read(self.kind).accepted(inputs)
        return step.arguments(inputs)


async def _wanted_later(answer: Any) -> tuple[str, ...]:
    return _wanted(await answer)


def _wanted(answer: Any) -> tuple[str, ...]:
    return () if answer is None else tuple(plain_text(name) for name in answer)


async def _comparable_later(answer: Any) -> Any:
    return comparable(await answer)


def comparable(value: Any) -> Any:
    """What a class said of its state, as constants that can be compared: numbers of arrays, sorted sets."""
    if isinstance(value, set | frozenset):
        return sorted(map(repr, value))
    if isinstance(value, Mapping):
        return {plain_text(str(key)): comparable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [comparable(item) for item in value]
    if isinstance(value, str):
        return plain_text(value)
    item = getattr(value, "item", None)
    if callable(item) and getattr(value, "size", None) == 1:
        return item()
    return value


def definition_of(kind: Any, name: str, display_name: str | None, module: str) -> NodeDefinition:
    """A V1 class as a node definition.

    Raises:
        Exception: whatever the class raises while it is asked for its inputs; AttributeError if it has no
            ``INPUT_TYPES``, ``RETURN_TYPES`` or ``FUNCTION``, or no function of that name.
    """
    described = node_type_of(kind, name, display_name, module)
    node = V1Node(kind, described)
    is_coroutine = inspect.iscoroutinefunction(getattr(kind, kind.FUNCTION))
    return NodeDefinition(
        type=described,
        function=node.call_async if is_coroutine else node.call,
        services=SERVICES,
        fingerprint=node.fingerprint if described.asks_fingerprint else None,
        validate=node.validate if described.asks_validation else None,
        needs=node.needs if described.asks_needs else None,
    )


def node_type_of(kind: Any, name: str, display_name: str | None, module: str) -> NodeType:
    """What a V1 class is, as data; asks the class."""
    declared = DeclaredInputs.read(kind)
    return NodeType(
        name=name,
        title=plain_text(display_name or name),
        category=plain_text(getattr(kind, "CATEGORY", DEFAULT_CATEGORY)),
        doc=plain_text(getattr(kind, "DESCRIPTION", "")),
        inputs=declared.inputs(),
        outputs=declared_outputs(kind),
        hidden=declared.hidden(),
        is_output=getattr(kind, "OUTPUT_NODE", False) is True,
        takes_lists=bool(getattr(kind, "INPUT_IS_LIST", False)),
        idempotent=not getattr(kind, "NOT_IDEMPOTENT", False),
        asks_fingerprint=hasattr(kind, "IS_CHANGED"),
        asks_validation=hasattr(kind, "VALIDATE_INPUTS"),
        validated=_validated(kind),
        asks_needs=hasattr(kind, "check_lazy_status"),
        deprecated=bool(getattr(kind, "DEPRECATED", False)),
        experimental=bool(getattr(kind, "EXPERIMENTAL", False)),
        module=module,
        takes_any=declared.is_flexible,
        pack=module.removeprefix("custom_nodes."),
    )


def _validated(kind: Any) -> tuple[str, ...]:
    """What ``VALIDATE_INPUTS`` takes by name; ``*`` if it takes all."""
    function: Callable[..., Any] | None = getattr(kind, "VALIDATE_INPUTS", None)
    if function is None:
        return ()
    parameters = inspect.signature(function).parameters.values()
    return tuple(EVERYTHING if parameter.kind is parameter.VAR_KEYWORD else parameter.name for parameter in parameters)


def node_info(kind: Any, name: str, display_name: str | None, module: str) -> dict[str, Any]:
    """A V1 class as ``/object_info`` shows it; ``INPUT_TYPES`` is asked now and passed on as it is."""
    inputs = kind.INPUT_TYPES()
    types = kind.RETURN_TYPES
    info: dict[str, Any] = {
        "input": inputs,
        "input_order": {key: list(entries.keys()) for key, entries in inputs.items()},
        "output": types,
        "output_is_list": getattr(kind, "OUTPUT_IS_LIST", [False] * len(types)),
        "output_name": getattr(kind, "RETURN_NAMES", types),
        "name": name,
        "display_name": display_name or name,
        "description": getattr(kind, "DESCRIPTION", ""),
        "python_module": module,
        "category": getattr(kind, "CATEGORY", DEFAULT_CATEGORY),
        "output_node": getattr(kind, "OUTPUT_NODE", False) is True,
        "is_input_list": bool(getattr(kind, "INPUT_IS_LIST", False)),
    }
    if hasattr(kind, "OUTPUT_TOOLTIPS"):
        info["output_tooltips"] = kind.OUTPUT_TOOLTIPS
    if hasattr(kind, "SEARCH_ALIASES"):
        info["search_aliases"] = kind.SEARCH_ALIASES
    flags = ("DEPRECATED", "EXPERIMENTAL", "API_NODE", "DEV_ONLY", "HAS_INTERMEDIATE_OUTPUT")
    return info | {flag.lower(): True for flag in flags if getattr(kind, flag, False)}
