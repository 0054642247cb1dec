"""``comfy_execution.graph``: what nodes see of the graph that runs."""

from comfy_execution.graph_utils import ExecutionBlocker, is_link
from comfy_host.missing import absent
from limner.backends.in_process_prompt import LivePrompt


class DependencyCycleError(Exception):
    """Nodes wait for each other."""


class NodeInputError(Exception):
    """An input is not what it should be."""


class NodeNotFoundError(Exception):
    """There is no such node."""


class DynamicPrompt(LivePrompt):
    """The submitted graph with what nodes expanded into; the hidden value DYNPROMPT."""


def get_input_info(class_def, input_name, valid_inputs=None):
    """Type, category and options of an input; three times None if it is not declared."""
    inputs = valid_inputs or class_def.INPUT_TYPES()
    for category in ("required", "optional", "hidden"):
        entries = inputs.get(category, {})
        if input_name in entries:
            entry = entries[input_name]
            if not isinstance(entry, (tuple, list)):
                return entry, category, {}
            return entry[0], category, entry[1] if len(entry) > 1 else {}
    return None, None, None


__getattr__ = absent(__name__)
