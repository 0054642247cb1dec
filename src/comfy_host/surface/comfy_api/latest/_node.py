"""Classes of nodes and what they return."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar

from comfy_api.internal import (
    _ComfyNodeInternal,
    _NodeOutputInternal,
    classproperty,
    first_real_override,
    lock_class,
)
from comfy_api.latest._options import HiddenHolder
from comfy_api.latest._schema import Schema, input_types


class NodeOutput(_NodeOutputInternal):
    """What a node returns.

    Args:
        args: One value per output.
        ui: What clients are told: one of ``ui``'s objects, or a dictionary of lists.
        expand: Further nodes that compute the values, as a prompt.
        block_execution: Nothing that needs this node runs; the text is told once.
    """

    def __init__(
        self,
        *args: Any,
        ui: Any = None,
        expand: Mapping[str, Any] | None = None,
        block_execution: str | None = None,
    ) -> None:
        self.args, self.ui, self.expand, self.block_execution = args, ui, expand, block_execution

    @property
    def result(self) -> tuple[Any, ...] | None:
        """The values; None if there are none."""
        return self.args or None

    def __getitem__(self, index: Any) -> Any:
        return self.args[index]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> NodeOutput:
        """From ``{"result", "ui", "expand", "block_execution"}``, all of them optional; a bare result is one value."""
        result = data.get("result", ())
        if is_blocker(result):
            return cls(ui=data.get("ui"), block_execution=result.message or "")
        values = tuple(result) if isinstance(result, tuple | list) else () if result is None else (result,)
        return cls(*values, ui=data.get("ui"), expand=data.get("expand"), block_execution=data.get("block_execution"))


def is_blocker(value: Any) -> bool:
    """Whether a value is an ExecutionBlocker; packs bring classes of that name of their own."""
    return type(value).__name__ == "ExecutionBlocker" and hasattr(value, "message")


class ComfyNode(_ComfyNodeInternal):
    """A node. Everything is a class method, sync or async; nothing is kept on the class while a prompt runs."""

    IS_INTERFACE: ClassVar[bool] = True
    RELATIVE_PYTHON_MODULE: ClassVar[str | None] = None
    SCHEMA: ClassVar[Schema | None] = None
    hidden: ClassVar[HiddenHolder | None] = None

    @classmethod
    def define_schema(cls) -> Schema:
        """Says what the node is."""
        raise NotImplementedError(f"{cls.__name__} needs a class method define_schema that gives an io.Schema.")

    @classmethod
    def execute(cls, **kwargs: Any) -> NodeOutput:
        """Computes the outputs from the inputs, given by their ids."""
        raise NotImplementedError(f"{cls.__name__} needs a class method execute that gives an io.NodeOutput.")

    @classmethod
    def validate_inputs(cls, **kwargs: Any) -> bool | str:
        """Says whether constants are acceptable: True, or a sentence that says why not."""
        return True

    @classmethod
    def fingerprint_inputs(cls, **kwargs: Any) -> Any:
        """Gives a value that changes when the node has to run again though its inputs are the same."""
        return False

    @classmethod
    def check_lazy_status(cls, **kwargs: Any) -> list[str]:
        """Names the lazy inputs that are needed now; those that are not there are None."""
        return [name for name, value in kwargs.items() if value is None]

    # What the engine calls

    @classmethod
    def FINALIZE_SCHEMA(cls) -> Schema:
        """Asks for the schema anew, completes and checks it."""
        schema = cls.define_schema()
        if not isinstance(schema, Schema):
            raise TypeError(f"{cls.__name__}.define_schema gave a {type(schema).__name__}; expected an io.Schema.")
        schema.finalize()
        schema.validate()
        return schema

    @classmethod
    def GET_SCHEMA(cls) -> Schema:
        """The schema as it is now; remembered for the class properties."""
        own = cls.__dict__.get("ORIGINAL_CLASS", cls)
        own.VALIDATE_CLASS()
        own.SCHEMA = own.FINALIZE_SCHEMA()
        return own.SCHEMA

    @classmethod
    def VALIDATE_CLASS(cls) -> None:
        """Raises NotImplementedError if a method is missing that every node needs."""
        for name in ("define_schema", "execute"):
            if first_real_override(cls, name) is None:
                raise NotImplementedError(f"{cls.__name__} needs a class method {name}.")

    @classmethod
    def PREPARE_CLASS_CLONE(cls, v3_data: Mapping[str, Any] | None = None) -> type:
        """The class for one call: it has the hidden values and cannot be changed."""
        hidden = (v3_data or {}).get("hidden_inputs")
        return lock_class(cls, hidden=hidden if isinstance(hidden, HiddenHolder) else HiddenHolder.from_dict(hidden))

    @classmethod
    def EXECUTE_NORMALIZED(cls, *args: Any, **kwargs: Any) -> NodeOutput:
        """Calls ``execute``; whatever it returns comes as a NodeOutput."""
        return normalized(cls, cls.execute(*args, **kwargs))

    @classmethod
    async def EXECUTE_NORMALIZED_ASYNC(cls, *args: Any, **kwargs: Any) -> NodeOutput:
        """The same for an ``execute`` that has to be awaited."""
        return normalized(cls, await cls.execute(*args, **kwargs))

    @classmethod
    def GET_NODE_INFO_V1(cls) -> dict[str, Any]:
        """The node as ``/object_info`` shows it now."""
        return cls.GET_SCHEMA().get_v1_info(cls).as_dict()

    @classmethod
    def GET_BASE_CLASS(cls) -> type:
        """The interface that this class is written for."""
        return ComfyNode

    # What classic (V1) classes have

    @classmethod
    def INPUT_TYPES(cls, include_hidden: bool = True, return_schema: bool = False, live_inputs: Any = None) -> Any:
        """Inputs in the form of classic classes; with ``return_schema`` a tuple of them and the schema."""
        schema = cls.GET_SCHEMA()
        listed = input_types(schema, include_hidden)
        return (listed, schema, {}) if return_schema else listed

    @classproperty
    def FUNCTION(cls) -> str:
        """The method that classic callers call."""
        return "EXECUTE_NORMALIZED_ASYNC" if inspect.iscoroutinefunction(cls.execute) else "EXECUTE_NORMALIZED"

    @classproperty
    def RETURN_TYPES(cls) -> list[str]:
        """Types of the outputs."""
        return [entry.get_io_type() for entry in _known(cls).outputs]

    @classproperty
    def RETURN_NAMES(cls) -> list[str]:
        """Labels of the outputs."""
        return [entry.label for entry in _known(cls).outputs]

    @classproperty
    def OUTPUT_IS_LIST(cls) -> list[bool]:
        """Which outputs are lists."""
        return [entry.is_output_list for entry in _known(cls).outputs]

    @classproperty
    def OUTPUT_TOOLTIPS(cls) -> list[str | None]:
        """Tooltips of the outputs."""
        return [entry.tooltip for entry in _known(cls).outputs]


def _fact(name: str, doc: str) -> Any:
    """A class property that is a field of the schema."""

    def read(cls: Any) -> Any:
        return getattr(_known(cls), name)

    read.__doc__ = doc
    return classproperty(read)


_FACTS: Mapping[str, tuple[str, str]] = {
    "CATEGORY": ("category", "Menu path."),
    "DESCRIPTION": ("description", "What the node does."),
    "OUTPUT_NODE": ("is_output_node", "Whether prompts are run for its sake."),
    "INPUT_IS_LIST": ("is_input_list", "Whether it takes whole lists."),
    "DEPRECATED": ("is_deprecated", "Whether another node should be used."),
    "EXPERIMENTAL": ("is_experimental", "Whether it may change."),
    "DEV_ONLY": ("is_dev_only", "Whether it is for developers."),
    "API_NODE": ("is_api_node", "Whether it calls a paid service."),
    "NOT_IDEMPOTENT": ("not_idempotent", "Whether equal inputs at two places are two results."),
    "SEARCH_ALIASES": ("search_aliases", "Further words that people find it by."),
    "HAS_INTERMEDIATE_OUTPUT": ("has_intermediate_output", "Whether it shows something on the way."),
    "ACCEPT_ALL_INPUTS": ("accept_all_inputs", "Whether undeclared inputs are passed too."),
    "ESSENTIALS_CATEGORY": ("essentials_category", "Where it stands among the essentials."),
}
for _name, (_field, _doc) in _FACTS.items():
    setattr(ComfyNode, _name, _fact(_field, _doc))


def _known(cls: Any) -> Schema:
    """The schema that the class gave last; asked for if it never did."""
    own = cls.__dict__.get("ORIGINAL_CLASS", cls)
    return own.__dict__.get("SCHEMA") or own.GET_SCHEMA()


def normalized(cls: type, returned: Any) -> NodeOutput:
    """What ``execute`` returned, as a NodeOutput.

    Raises:
        TypeError: if it is none of what a node may return.
    """
    if isinstance(returned, _NodeOutputInternal):
        return returned  # type: ignore[return-value]
    if returned is None:
        return NodeOutput()
    if isinstance(returned, tuple | list):
        return NodeOutput(*returned)
    if isinstance(returned, Mapping):
        return NodeOutput.from_dict(returned)
    if is_blocker(returned):
        return NodeOutput(block_execution=returned.message or "")
    name = type(returned).__name__
    raise TypeError(f"{cls.__name__}.execute returned a {name}; expected io.NodeOutput(value, ...), or a tuple.")
