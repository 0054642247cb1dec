"""``comfy_execution.validation``: which types fit."""

from comfy_host.missing import absent
from comfy_host.v1_inputs import type_name
from limner.graph.node_type import fits


def validate_node_input(received_type, input_type, strict=False):
    """Whether an output of one type may be linked to an input of another."""
    return fits(type_name(received_type), type_name(input_type))


__getattr__ = absent(__name__)
