"""Node types as clients list them, against the recorded listing of two classes."""

from limner.dialects.comfy.object_info import object_info
from limner.graph.catalog import Catalog, Named
from limner.graph.node_type import Input, NodeType, Output

KSAMPLER = NodeType(
    name="KSampler",
    title="KSampler",
    category="sampling",
    doc="Walks.",
    inputs=(
        Input(name="model", type="MODEL"),
        Input(
            name="seed", type="INT", options={"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}
        ),
        Input(name="sampler_name", type="COMBO", choices_from="samplers"),
        Input(name="method", type="COMBO", choices=("a", "b"), options={"default": "b"}, required=False),
    ),
    outputs=(Output(name="LATENT", type="LATENT"), Output(name="many", type="INT", is_list=True)),
    hidden={"prompt": "PROMPT"},
    deprecated=True,
    module="nodes",
)


def test_a_class_has_the_keys_and_forms_of_the_contract():
    catalog = Catalog(nodes={"KSampler": KSAMPLER}, samplers=(Named(name="euler"),))
    assert object_info(catalog, lambda name: ()) == {
        "KSampler": {
            "input": {
                "required": {
                    "model": ["MODEL"],
                    "seed": ["INT", {"default": 0, "min": 0, "max": 2**64 - 1, "control_after_generate": True}],
                    "sampler_name": [["euler"]],
                },
                "optional": {"method": [["a", "b"], {"default": "b"}]},
                "hidden": {"prompt": "PROMPT"},
            },
            "input_order": {
                "required": ["model", "seed", "sampler_name"],
                "optional": ["method"],
                "hidden": ["prompt"],
            },
            "output": ["LATENT", "INT"],
            "output_is_list": [False, True],
            "output_name": ["LATENT", "many"],
            "name": "KSampler",
            "display_name": "KSampler",
            "description": "Walks.",
            "python_module": "nodes",
            "category": "sampling",
            "output_node": False,
            "deprecated": True,
        }
    }


def test_a_choice_that_clients_ask_for_elsewhere_is_no_list():
    remote = Input(name="image", type="COMBO", options={"remote": {"route": "/x"}})
    listed = object_info(Catalog(nodes={"Remote": _with(remote)}), lambda name: ())
    assert listed["Remote"]["input"]["required"]["image"] == ["COMBO", {"remote": {"route": "/x"}}]


def test_what_a_dynamic_input_brings_is_listed_by_it_alone():
    head = Input(name="values", type="COMFY_AUTOGROW_V3", required=False, options={"template": {}})
    flat = Input(name="values.a", type="INT")
    listed = object_info(Catalog(nodes={"Grows": _with(head, flat)}), lambda name: ())
    assert listed["Grows"]["input"] == {"required": {}, "optional": {"values": ["COMFY_AUTOGROW_V3", {"template": {}}]}}


def _with(*inputs: Input) -> NodeType:
    return NodeType(name="Any", title="Any", category="", doc="", inputs=inputs)
