"""Node types from annotated functions.

    @node(title="Empty Latent Image", category="latent")
    def EmptyLatentImage(
        *,
        width: Annotated[int, Number(min=16, max=16384, step=8)] = 512,
        batch_size: Annotated[int, Number(min=1, max=4096)] = 1,
    ) -> LATENT:
        \"\"\"A batch of empty latents. ...\"\"\"

Parameters are keyword-only, so that required inputs may follow ones with a default, as documents want them ordered.
A parameter's default is the widget's default; an input may be absent from a document only if it is marked
``Flags(optional=True)``. Sockets are ``Annotated[T, Socket("IMAGE")]``; ``limner.nodes.sockets`` names the ones in use.
The function's docstring is the node's documentation.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, TypedDict, Unpack, get_args, get_origin, get_type_hints

from limner.graph.errors import SettingsError
from limner.graph.node_type import Input, NodeType, Output
from limner.graph.validation import EVERYTHING, INPUT_TYPES


@dataclass(frozen=True)
class Number:
    """Limits of an INT or FLOAT input. ``options`` are passed to clients as they are (``round``, ``display`` ...)."""

    min: float | None = None
    max: float | None = None
    step: float | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Text:
    """A STRING input."""

    multiline: bool = False
    dynamic_prompts: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Choice:
    """A COMBO input with fixed values (``Choice("a", "b")``) or a named list (``Choice(source="checkpoints")``).

    With neither, the client asks elsewhere for the values, and every text is taken. ``unlisted`` are further
    values that are taken, as newer workflows have them, though the list that clients see is the recorded one.
    """

    values: tuple[Any, ...] = ()
    source: str | None = None
    unlisted: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)

    def __init__(self, *values: Any, source: str | None = None, unlisted: tuple[str, ...] = (), **options: Any) -> None:
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "source", source)
        object.__setattr__(self, "unlisted", unlisted)
        object.__setattr__(self, "options", options)


@dataclass(frozen=True)
class Socket:
    """The socket type of a value that can only be linked."""

    type: str


@dataclass(frozen=True)
class Hidden:
    """A value that the engine provides: ``PROMPT``, ``EXTRA_PNGINFO``, ``UNIQUE_ID``, ``DYNPROMPT``."""

    kind: str


@dataclass(frozen=True)
class Service:
    """An object that the worker provides, looked up by the parameter's type: folders, models, progress."""


@dataclass(frozen=True)
class Flags:
    """Further marks of an input: ``Annotated[..., Flags(optional=True, lazy=True, tooltip="...")]``."""

    optional: bool = False
    lazy: bool = False
    tooltip: str | None = None
    force_input: bool = False


@dataclass(frozen=True)
class NodeResult:
    """What a node may return instead of plain values.

    Attributes:
        values: One per output; None when there are none.
        ui: What clients are told, ``{"images": [{"filename", "subfolder", "type"}]}``; lists of JSON values.
        expand: A Graph that computes the values; ``values`` may then hold Links into it.
    """

    values: tuple[Any, ...] = ()
    ui: Mapping[str, list[Any]] | None = None
    expand: Any = None


_Class = type
"""``type`` itself, for the class below, which has a field of that name."""


@dataclass(frozen=True)
class NodeDefinition:
    """A NodeType bound to its code. Calling it calls the function.

    Attributes:
        type: The data.
        function: Sync or async; keyword arguments; returns one value, a tuple of values, a NodeResult or None.
        services: Parameter name to class of the Service wanted.
        fingerprint: Called with the same inputs as the function (links as None; services given); its result joins the
            fingerprint. NaN: never equal. Sync or async.
        validate: Called with the constants that it names (links as None; all of them if it takes any); returns True,
            False or a sentence. Naming an input takes its limits and choices over. Sync or async.
        inspect: Called with all declared inputs (links as None) before ``validate``; gives pairs of an input and a
            sentence that says what is wrong with it.
        needs: Called with what is there (missing lazy inputs as None; services given); returns names of lazy inputs to
            evaluate.
    """

    type: NodeType
    function: Callable[..., Any]
    services: Mapping[str, _Class] = field(default_factory=dict)
    fingerprint: Callable[..., Any] | None = None
    validate: Callable[..., Any] | None = None
    needs: Callable[..., Any] | None = None
    inspect: Callable[..., Iterable[tuple[str, str]]] | None = None

    def __call__(self, **inputs: Any) -> Any:
        """Calls the node's function."""
        return self.function(**inputs)


class Facts(TypedDict, total=False):
    """Facts of a node type that are stored as they are; see NodeType."""

    takes_lists: bool
    takes_any: bool
    version: int
    idempotent: bool
    deprecated: bool
    experimental: bool
    module: str


def node(
    *,
    title: str,
    category: str,
    name: str | None = None,
    outputs: tuple[str, ...] = (),
    output: bool = False,
    list_outputs: tuple[bool, ...] = (),
    fingerprint: Callable[..., Any] | None = None,
    validate: Callable[..., Any] | None = None,
    needs: Callable[..., Any] | None = None,
    inputs: tuple[Input, ...] = (),
    **facts: Unpack[Facts],
) -> Callable[[Callable[..., Any]], NodeDefinition]:
    """Marks a function as a node.

    Args:
        title: What people see.
        category: Menu path.
        name: Class name in documents; the function's name if absent.
        outputs: Names of the outputs; their types if absent.
        output: A graph is run for the sake of this node.
        list_outputs: Which outputs are lists of items.
        fingerprint: See NodeDefinition.
        validate: See NodeDefinition.
        needs: See NodeDefinition.
        inputs: Further inputs, after the declared ones; the function takes them as ``**``. For names that no
            parameter can have.
        facts: ``takes_lists takes_any version idempotent deprecated experimental module``, see NodeType.

    Raises:
        SettingsError: if an annotation says nothing about its socket.
    """

    def define(function: Callable[..., Any]) -> NodeDefinition:
        hints = get_type_hints(function, include_extras=True)
        declared = _Declared.read(function, hints)
        described = NodeType(
            name=name or function.__name__,
            title=title,
            category=category,
            doc=inspect.getdoc(function) or "",
            inputs=(*declared.inputs, *inputs),
            outputs=_outputs(hints.get("return"), outputs, list_outputs),
            hidden=declared.hidden,
            is_output=output,
            asks_fingerprint=fingerprint is not None,
            asks_validation=validate is not None,
            validated=_validated(validate, [*declared.inputs, *inputs]),
            asks_needs=needs is not None,
            **{"module": "nodes", **facts},
        )
        return NodeDefinition(described, function, declared.services, fingerprint, validate, needs)

    return define


def _validated(validate: Callable[..., Any] | None, inputs: list[Input]) -> tuple[str, ...]:
    """The inputs that a validation function takes by name; ``*`` if it takes any, ``input_types`` if it takes those."""
    if validate is None:
        return ()
    parameters = inspect.signature(validate).parameters
    named = tuple(entry.name for entry in inputs if entry.name in parameters)
    anything = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())
    return (
        *named,
        *((EVERYTHING,) if anything else ()),
        *((INPUT_TYPES,) if INPUT_TYPES in parameters else ()),
    )


@dataclass
class _Declared:
    """What the parameters of a function declare."""

    inputs: list[Input]
    hidden: dict[str, str]
    services: dict[str, type]

    @classmethod
    def read(cls, function: Callable[..., Any], hints: Mapping[str, Any]) -> "_Declared":
        declared = cls([], {}, {})
        for parameter in inspect.signature(function).parameters.values():
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                continue
            kind, marks = _split(hints.get(parameter.name))
            hidden = _first(marks, Hidden)
            if hidden is not None:
                declared.hidden[parameter.name] = hidden.kind
            elif _first(marks, Service) is not None:
                declared.services[parameter.name] = kind
            else:
                declared.inputs.append(_input(function.__name__, parameter, kind, marks))
        return declared


def _split(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The bare type of an annotation and its marks."""
    if get_origin(annotation) is Annotated:
        kind, *marks = get_args(annotation)
        return kind, tuple(marks)
    return annotation, ()


def _first(marks: tuple[Any, ...], kind: type) -> Any:
    return next((mark for mark in marks if isinstance(mark, kind)), None)


_PLAIN = {int: "INT", float: "FLOAT", str: "STRING", bool: "BOOLEAN"}


def _input(owner: str, parameter: inspect.Parameter, kind: Any, marks: tuple[Any, ...]) -> Input:
    flags = _first(marks, Flags) or Flags()
    socket, choice = _first(marks, Socket), _first(marks, Choice)
    socket_type = socket.type if socket else "COMBO" if choice else _PLAIN.get(kind)
    if socket_type is None:
        raise SettingsError(f"{owner}.{parameter.name}: annotate it with a Socket, a Choice, int, float, str or bool.")
    options = _options(parameter, marks, flags)
    return Input(
        name=parameter.name,
        type=socket_type,
        required=not flags.optional,
        options=options,
        choices=(choice.values or None) if choice and choice.source is None else None,
        choices_from=choice.source if choice else None,
        unlisted=choice.unlisted if choice else (),
        lazy=flags.lazy,
    )


def _options(parameter: inspect.Parameter, marks: tuple[Any, ...], flags: Flags) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if parameter.default is not inspect.Parameter.empty and parameter.default is not None:
        options["default"] = parameter.default
    number, text = _first(marks, Number), _first(marks, Text)
    if number:
        limits = {"min": number.min, "max": number.max, "step": number.step}
        options |= {key: value for key, value in limits.items() if value is not None} | dict(number.options)
    if text:
        options |= {"multiline": True} if text.multiline else {}
        options |= {"dynamicPrompts": True} if text.dynamic_prompts else {}
        options |= dict(text.options)
    choice = _first(marks, Choice)
    options |= dict(choice.options) if choice else {}
    options |= {"tooltip": flags.tooltip} if flags.tooltip else {}
    options |= {"forceInput": True} if flags.force_input else {}
    options |= {"lazy": True} if flags.lazy else {}
    return options


def _outputs(annotation: Any, names: tuple[str, ...], lists: tuple[bool, ...]) -> tuple[Output, ...]:
    if annotation is None or annotation is type(None) or annotation is NodeResult:
        return ()
    parts = get_args(annotation) if get_origin(annotation) is tuple else (annotation,)
    outputs = []
    for index, part in enumerate(parts):
        kind, marks = _split(part)
        socket = _first(marks, Socket)
        socket_type = socket.type if socket else "COMBO" if _first(marks, Choice) else _PLAIN.get(kind)
        if socket_type is None:
            raise SettingsError(f"Output {index} ({part!r}): annotate it with a Socket, int, float, str or bool.")
        outputs.append(
            Output(
                name=names[index] if index < len(names) else socket_type,
                type=socket_type,
                is_list=lists[index] if index < len(lists) else False,
            )
        )
    return tuple(outputs)
