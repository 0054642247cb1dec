"""Dynamic inputs of version 3: which places a node's array has."""

import pytest

from limner.graph.catalog import Catalog
from limner.graph.graph import Link
from limner.graph.node_type import Input, NodeType
from limner.graph.ui.document import from_ui_document

from .test_document import drawn, image

OPTIONS = [
    {"key": "by size", "inputs": {"required": {"width": ["INT", {"default": 1}], "height": ["INT", {}]}}},
    {"key": "by mask", "inputs": {"required": {"mask": ["MASK", {}]}, "optional": {"grow": ["INT", {}]}}},
    {"key": "by seed", "inputs": {"required": {"seed": ["INT", {"control_after_generate": True}]}}},
    {
        "key": "nested",
        "inputs": {
            "required": {
                "inner": [
                    "COMFY_DYNAMICCOMBO_V3",
                    {"options": [{"key": "x", "inputs": {"required": {"deep": ["FLOAT", {}]}}}, {"key": "y"}]},
                ],
                "after": [["p", "q"]],
            }
        },
    },
    {"key": "none", "inputs": {}},
    {"key": "odd", "inputs": {"required": 5}},
    5,
]
RESIZE = NodeType(
    name="Resize",
    title="Resize",
    category="",
    doc="",
    inputs=(
        Input(name="images", type="COMFY_AUTOGROW_V3", options={"template": {"prefix": "image", "min": 1}}),
        Input(name="way", type="COMFY_DYNAMICCOMBO_V3", options={"options": OPTIONS}),
        Input(name="method", type="COMBO", choices=("lanczos", "area")),
        Input(name="color", type="COLOR"),
        Input(name="widget", type="OWN", options={"widgetType": "OWN"}),
    ),
)


@pytest.fixture
def read():
    def run(node, *others, links=()):
        document = {"nodes": [node, *others], "links": list(links)}
        return from_ui_document(document, Catalog(nodes={"Resize": RESIZE}), {}.__getitem__).nodes["1"].inputs

    return run


@pytest.mark.parametrize(
    ("values", "inputs"),
    [
        (["by size", 3, 4], {"way": "by size", "way.width": 3, "way.height": 4}),
        (["by mask", 3], {"way": "by mask", "way.grow": 3}),
        (["by seed", 3, "randomize"], {"way": "by seed", "way.seed": 3}),
        (["nested", "x", 0.5, "q"], {"way": "nested", "way.inner": "x", "way.inner.deep": 0.5, "way.after": "q"}),
        (["nested", "y", "q"], {"way": "nested", "way.inner": "y", "way.after": "q"}),
        (["none"], {"way": "none"}),
        (["odd"], {"way": "odd"}),
        (["new"], {"way": "new"}),
    ],
)
def test_dynamic_combos(read, values, inputs):
    after = {"method": "area", "color": "#fff", "widget": {"a": 1}}
    assert read(drawn(1, "Resize", values=[*values, "area", "#fff", {"a": 1}])) == inputs | after


def test_names_beside_the_values(read):
    named = {"way": "by size", "way.width": 3, "way.height": 4, "method": "area", "other.x": 5}
    found = read(drawn(1, "Resize", values=None, widgets_values_named=named))
    assert found == {"way": "by size", "way.width": 3, "way.height": 4, "method": "area"}


def test_what_has_grown(read):
    node = drawn(1, "Resize", [("images.image0", "IMAGE", 4), ("images.image1", "IMAGE", None)],
                 values=["none", "area", "#fff", {}])  # fmt: skip
    found = read(node, image(2), links=[[4, 2, 0, 1, 0, "IMAGE"]])
    assert found["images.image0"] == Link("2", 0)
    assert "images.image1" not in found


def test_values_that_have_grown(read):
    node = drawn(1, "Resize", values=[7, 8, "none", "area", "#fff", {}])
    node["inputs"] = [
        {"name": f"images.image{number}", "type": "INT", "link": None, "widget": {"name": "x"}} for number in (0, 1)
    ]
    found = read(node)
    assert (found["images.image0"], found["images.image1"], found["way"]) == (7, 8, "none")
