"""What V1 classes declare, in all the ways that packs write it."""

import math

import pytest

from comfy_host.adapter import definition_of, node_info
from comfy_host.v1_inputs import as_data, type_name


class AnyType(str):
    def __ne__(self, other):
        return False

    __hash__ = str.__hash__


class Flexible(dict):
    def __contains__(self, key):
        return True


def described(inputs, **members):
    members = {"RETURN_TYPES": ("INT",), "FUNCTION": "run", "run": lambda self: (1,), **members}
    kind = type("Sample", (), {"INPUT_TYPES": classmethod(lambda cls: inputs), **members})
    return definition_of(kind, "Sample", None, "custom_nodes.pack").type


def test_tuples_lists_and_bare_types_are_declarations():
    found = described(
        {"required": {"a": ("INT", {"min": 1}), "b": ["FLOAT"], "c": "IMAGE"}, "optional": {"d": ("MASK",)}}
    )
    assert [(entry.name, entry.type, entry.required) for entry in found.inputs] == [
        ("a", "INT", True),
        ("b", "FLOAT", True),
        ("c", "IMAGE", True),
        ("d", "MASK", False),
    ]
    assert found.inputs[0].options == {"min": 1}


def test_a_list_of_choices_may_hold_numbers():
    (entry,) = described({"required": {"mode": (["a", 2, 3.5, True],)}}).inputs
    assert (entry.type, entry.choices) == ("COMBO", ("a", 2, 3.5, True))


def test_a_text_that_equals_every_type_is_any():
    assert type_name(AnyType("something")) == "*"
    assert type_name("*") == "*"
    assert type_name("IMAGE,MASK") == "IMAGE,MASK"
    assert described({"required": {}}, RETURN_TYPES=(AnyType("*"), ["x", "y"])).outputs[1].type == "COMBO"


def test_a_flexible_dictionary_takes_undeclared_constants():
    assert described({"required": {}, "optional": Flexible(a=("INT",))}).takes_any
    assert not described({"required": {}, "optional": {"a": ("INT",)}}).takes_any


def test_lazy_hidden_and_flags_are_read():
    found = described(
        {"required": {"a": ("INT", {"lazy": True})}, "hidden": {"id": "UNIQUE_ID", "w": ("INT", {})}},
        OUTPUT_NODE=True,
        INPUT_IS_LIST=True,
        NOT_IDEMPOTENT=True,
        DEPRECATED=True,
        CATEGORY="x/y",
    )
    assert found.inputs[0].lazy
    assert found.hidden == {"id": "UNIQUE_ID", "w": "INT"}
    assert (found.is_output, found.takes_lists, found.idempotent, found.deprecated) == (True, True, False, True)
    assert (found.category, found.pack, found.title) == ("x/y", "pack", "Sample")


def test_options_become_values_that_cross_a_process_border():
    written = as_data({"default": object, "max": 10**30, "min": -(10**30), "step": math.inf, 1: (1, 2)})
    assert written["max"] == 1e30
    assert written["step"] == math.inf
    assert written["1"] == [1, 2]
    assert isinstance(written["default"], str)


def test_a_forgotten_comma_in_return_types_is_forgiven():
    assert [output.type for output in described({"required": {}}, RETURN_TYPES="IMAGE").outputs] == ["IMAGE"]


def test_validation_says_what_it_takes():
    named = described({"required": {"a": ("INT",)}}, VALIDATE_INPUTS=classmethod(lambda cls, a, input_types: True))
    assert named.validated == ("a", "input_types")
    every = described({"required": {"a": ("INT",)}}, VALIDATE_INPUTS=classmethod(lambda cls, **inputs: True))
    assert every.validated == ("*",)


def test_a_class_without_what_is_needed_is_refused():
    with pytest.raises(AttributeError):
        definition_of(type("Empty", (), {}), "Empty", None, "custom_nodes.pack")
    with pytest.raises(TypeError):
        described(["not", "a", "dict"])


def test_the_listing_passes_on_what_the_class_says():
    inputs = {"required": {"value": (AnyType("*"), {"default": 1})}, "hidden": {"id": "UNIQUE_ID"}}
    kind = type(
        "Sample",
        (),
        {
            "INPUT_TYPES": classmethod(lambda cls: inputs),
            "RETURN_TYPES": ("INT", "STRING"),
            "FUNCTION": "run",
            "OUTPUT_TOOLTIPS": ("one", "two"),
            "EXPERIMENTAL": True,
        },
    )
    info = node_info(kind, "Sample", "A sample", "custom_nodes.pack")
    assert info["input"] is inputs
    assert info["input_order"] == {"required": ["value"], "hidden": ["id"]}
    assert (info["output"], info["output_name"], info["output_is_list"]) == (
        ("INT", "STRING"),
        ("INT", "STRING"),
        [False, False],
    )
    assert (info["display_name"], info["category"], info["output_node"]) == ("A sample", "sd", False)
    assert (info["output_tooltips"], info["experimental"], "deprecated" in info) == (("one", "two"), True, False)
