"""``execution``: the names of ComfyUI's executor that packs look at or hook into. Limner's engine does the work.

Packs that replace a function here change nothing: the engine does not call them. Where a hook has a counterpart in
Limner (prompt handlers, validation), the pack's own node or handler is the place for it.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

import nodes
from comfy_execution.graph import (
    DynamicPrompt,
    ExecutionBlocker,
    get_input_info,
)
from comfy_execution.graph_utils import GraphBuilder, is_link
from server import PromptServer

from comfy_host.missing import absent
from comfy_host.queue_view import QueueView


class ExecutionResult(Enum):
    """How a step ended."""

    SUCCESS = 0
    FAILURE = 1
    PENDING = 2


class DuplicateNodeError(Exception):
    """An expansion uses an id twice."""


class PromptQueue(QueueView):
    """The queue, as far as the worker knows it."""

    class ExecutionStatus(NamedTuple):
        """How a run ended."""

        status_str: str
        completed: bool
        messages: list[str]


class CacheType(Enum):
    """What is remembered from run to run."""

    CLASSIC = 0
    LRU = 1
    NONE = 2


class CacheSet:
    """Caches of an executor; Limner's are elsewhere."""

    def __init__(self, cache_type: Any = None, cache_args: Any = None) -> None:
        self.outputs: Any = None
        self.ui: Any = None
        self.objects: Any = None
        self.all: list[Any] = []


class PromptExecutor:
    """Stands for ComfyUI's executor, so that packs can wrap its methods. Limner runs prompts by itself."""

    def __init__(self, server: Any, cache_type: Any = False, cache_args: Any = None) -> None:
        self.server = server
        self.caches = CacheSet(cache_type, cache_args)
        self.success = True
        self.status_messages: list[Any] = []
        self.history_result: dict[str, Any] = {}
        self.outputs: dict[str, Any] = {}

    def reset(self) -> None:
        """Forgets what was told."""
        self.status_messages, self.success = [], True

    def add_message(self, event: str, data: dict[str, Any], broadcast: bool) -> None:
        """Tells clients something."""
        self.status_messages.append((event, data))
        self.server.send_sync(event, data, None if broadcast else self.server.client_id)

    def execute(self, prompt: Any, prompt_id: str, extra_data: Any = None, execute_outputs: Any = ()) -> None:
        """Prompts run in Limner's engine.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("Limner runs prompts by itself; post them to /prompt.")

    async def execute_async(
        self, prompt: Any, prompt_id: str, extra_data: Any = None, execute_outputs: Any = ()
    ) -> None:
        """See ``execute``."""
        self.execute(prompt, prompt_id, extra_data, execute_outputs)


def get_input_data(
    inputs: dict[str, Any],
    class_def: Any,
    unique_id: str,
    outputs: Any = None,
    dynprompt: Any = None,
    extra_data: dict[str, Any] | None = None,
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """Constants of a node as lists of one item, with its hidden values; and the names of its links."""
    declared = class_def.INPUT_TYPES()
    found: dict[str, list[Any]] = {}
    missing: dict[str, Any] = {}
    for name, value in inputs.items():
        _, category, options = get_input_info(class_def, name, declared)
        if is_link(value) and not (options or {}).get("rawLink", False):
            missing[name] = (None,)
            found[name] = [None]
        elif category is not None:
            found[name] = [value]
    extra_data = extra_data or {}
    original = dynprompt.get_original_prompt() if dynprompt is not None else {}
    values = {
        "PROMPT": original,
        "DYNPROMPT": dynprompt,
        "UNIQUE_ID": unique_id,
        "EXTRA_PNGINFO": extra_data.get("extra_pnginfo"),
    }
    for name, kind in declared.get("hidden", {}).items():
        if isinstance(kind, str) and kind in values:
            found[name] = [values[kind]]
    return found, missing


def full_type_name(klass: type) -> str:
    """A class with its module, as errors name it."""
    return klass.__qualname__ if klass.__module__ == "builtins" else f"{klass.__module__}.{klass.__qualname__}"


def format_value(x: Any) -> Any:
    """A value as errors show it."""
    return x if x is None or isinstance(x, int | float | bool | str) else str(x)


async def validate_prompt(prompt_id: Any, prompt: Any = None, partial_execution_list: Any = None) -> tuple[Any, ...]:
    """Prompts are checked by Limner's server; here everything passes."""
    return True, None, [], {}


async def validate_inputs(prompt_id: Any, prompt: Any, item: Any, validated: Any = None) -> tuple[Any, ...]:
    """Prompts are checked by Limner's server; here everything passes."""
    return True, [], item


async def execute(*arguments: Any) -> tuple[Any, ...]:
    """Steps run in Limner's engine.

    Raises:
        NotImplementedError: always.
    """
    raise NotImplementedError("Limner runs steps by itself.")


def map_node_over_list(obj: Any, input_data_all: dict[str, list[Any]], func: str, **_: Any) -> list[Any]:
    """Calls a method once for each item of the longest list; shorter lists repeat their last item."""
    function = getattr(obj, func)
    if getattr(obj, "INPUT_IS_LIST", False):
        return [function(**input_data_all)]
    longest = max((len(items) for items in input_data_all.values()), default=0)
    if longest == 0:
        return [function()]
    return [
        function(**{name: items[min(index, len(items) - 1)] for name, items in input_data_all.items()})
        for index in range(longest)
    ]


_map_node_over_list = map_node_over_list


async def _async_map_node_over_list(
    prompt_id: str, unique_id: str, obj: Any, input_data_all: dict[str, list[Any]], func: str, **_: Any
) -> list[Any]:
    """See ``map_node_over_list``."""
    return map_node_over_list(obj, input_data_all, func)


MAXIMUM_HISTORY_SIZE = 10000

__getattr__ = absent(__name__)
