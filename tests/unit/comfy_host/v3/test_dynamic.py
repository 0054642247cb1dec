"""Flat keys in the prompt, nested values for the node."""

import pytest


def told(kitchen, kind, **inputs):
    """What a node gives out."""
    flat = {name.replace("__", "."): value for name, value in inputs.items()}
    document = {"1": {"class_type": kind, "inputs": flat}, "2": {"class_type": "V3Text", "inputs": {"value": ["1", 0]}}}
    return kitchen.run(document).text("2")


def test_autogrow_by_prefix(kitchen):
    assert told(kitchen, "V3Join", texts__text0="a", texts__text1="b", texts__text3="c", between="+") == "a+b+c"


def test_autogrow_asks_for_its_minimum(kitchen, use):
    checked = kitchen.check({"1": use("V3Join", texts__text0="a", between=""), "2": use("V3Text", value=["1", 0])})
    assert [problem.details for problem in checked.problems["1"]] == ["texts.text1"]


def test_autogrow_coerces_and_links(kitchen, use):
    document = {
        "1": use("V3Add", a=1, b=1),
        "2": use("V3Join", texts__text0=5, texts__text1="b", between=""),
        "3": use("V3Text", value=["2", 0]),
    }
    checked = kitchen.check(document)
    assert checked.problem is None
    assert checked.graph.nodes["2"].inputs["texts.text0"] == "5"
    document["2"]["inputs"]["texts.text1"] = ["1", 0]
    assert [problem.code for problem in kitchen.check(document).problems["2"]] == ["return_type_mismatch"]


def test_autogrow_says_which_keys_it_cannot_have(kitchen):
    ((name, reason),) = kitchen.complaints("V3Join", {"texts.text0": "a", "texts.text1": "b", "texts.text9": "c"})
    assert name == "texts"
    assert "texts.text9 is not one of the 5" in reason


def test_lazy_autogrow_names_the_key_of_a_value(kitchen, use):
    document = {
        "r": use("V3Add", a=1, b=1),
        "g": use("V3Add", a=2, b=2),
        "n": use("V3Named", pick="green", values__red=["r", 0], values__green=["g", 0]),
        "t": use("V3Text", value=["n", 0]),
    }
    trace = kitchen.run(document)
    assert trace.text("t") == 4
    assert "r" not in trace.started


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"how": "by factor", "how__factor": 2.0, "how__width": 3}, {"how": "by factor", "factor": 2.0}),
        (
            {"how": "to size", "how__width": 3, "how__height": 4, "how__fit": "crop", "how__fit__where": "top"},
            {"how": "to size", "width": 3, "height": 4, "fit": {"fit": "crop", "where": "top"}},
        ),
        ({"how": "to match"}, {"how": "to match"}),
    ],
)
def test_a_choice_with_inputs_of_its_own(kitchen, inputs, expected):
    assert told(kitchen, "V3Resize", **inputs) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"how": "by factor"}, ["Required input is missing: how.factor"]),
        ({"how": "by factor", "how.factor": 1.0}, []),
        ({"how": "to match"}, []),
        (
            {"how": "to size", "how.width": 100, "how.height": 4, "how.fit": "pad"},
            ["how.width: 100 is outside of 1 to 99"],
        ),
        (
            {"how": "to size", "how.width": None, "how.height": 4, "how.fit": "crop"},
            ["Required input is missing: how.fit.where"],
        ),
    ],
)
def test_what_a_choice_needs(kitchen, values, expected):
    assert [reason for _, reason in kitchen.complaints("V3Resize", values)] == expected


def test_a_choice_that_does_not_exist(kitchen):
    assert kitchen.complaints("V3Resize", {"how": "by luck"}) == [
        ("how", "how: 'by luck' is not one of by factor, to size, to match")
    ]
    values = {"how": "to size", "how.width": 1, "how.height": 1, "how.fit": "bend"}
    assert kitchen.complaints("V3Resize", values) == [("how", "how.fit: 'bend' is not one of crop, pad")]


def test_saved_workflows_are_read_by_the_declaration_itself(kitchen):
    """Widget values of a page, in the order of its widgets, become flat keys."""
    from limner.graph.catalog import Catalog
    from limner.graph.ui.document import from_ui_document

    kinds = {name: definition.type for name, definition in kitchen.definitions.items()}
    resize = {"id": 1, "type": "V3Resize", "inputs": [], "outputs": [{"name": "*", "type": "*", "links": [1]}]}
    resize["widgets_values"] = ["to size", 30, 40, "crop", "top"]
    text = {"id": 2, "type": "V3Text", "inputs": [{"name": "value", "type": "*", "link": 1}], "outputs": []}
    links = [[1, 1, 0, 2, 0, "*"]]
    document = {"nodes": [resize, text], "links": links, "version": 0.4}
    graph = from_ui_document(document, Catalog(nodes=kinds), lambda _: [])
    assert graph.nodes["1"].inputs == {
        "how": "to size", "how.width": 30, "how.height": 40, "how.fit": "crop", "how.fit.where": "top",
    }  # fmt: skip


def test_keys_that_differ_between_options_take_either_type(kitchen):
    declared = {entry.name: entry for entry in kitchen.definitions["V3Resize"].type.inputs}
    assert declared["how.width"].type == "INT,IMAGE"
    assert declared["how.factor"].options["max"] == 8.0
    assert declared["how"].type == "COMFY_DYNAMICCOMBO_V3"
    assert [name for name, entry in declared.items() if entry.required] == ["how"]


def test_a_slot_brings_inputs_once_it_is_linked(kitchen, use):
    document = {
        "1": use("V3Picture", count=1),
        "2": use("V3Slot", mask=["1", 1], mask__strength=0.5),
        "3": use("V3Gather", items=["2", 0], separator=","),
        "4": use("V3Text", value=["3", 0]),
    }
    assert "'strength': 0.5" in kitchen.run(document).text("4")
    assert told(kitchen, "V3Slot") is None
    assert kitchen.complaints("V3Slot", {"mask": None}) == [("mask", "Required input is missing: mask.strength")]


def test_rows(kitchen):
    rows = told(kitchen, "V3Rows", rows__0__name="x", rows__0__strength=0.5, rows__2__name="y")
    assert rows == [{"name": "x", "strength": 0.5}, {"name": None, "strength": None}, {"name": "y", "strength": None}]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"rows.0.name": "x", "rows.1.name": "x"}, "a name may be used once"),
        ({"rows.1.strength": 2.0}, "Required input is missing: rows.1.name"),
        ({}, "rows needs at least 1 rows; it has 0"),
        ({"rows.0.name": "x", "rows.7.name": "y"}, "rows.7 is one row too many"),
    ],
)
def test_what_is_wrong_with_rows(kitchen, values, expected):
    assert any(expected in reason for _, reason in kitchen.complaints("V3Rows", values))


def test_inputs_of_one_type(kitchen, use):
    kind = kitchen.definitions["V3Same"].type
    assert [entry.type for entry in kind.inputs] == ["IMAGE,MASK", "IMAGE,MASK"]
    assert [entry.type for entry in kind.outputs] == ["IMAGE,MASK", "INT"]
    good = {"1": use("V3Picture", count=1), "2": use("V3Same", a=["1", 1]), "3": use("V3Preview", images=["2", 0])}
    assert kitchen.check(good).problem is None
    bad = {"1": use("V3Add", a=1), "2": use("V3Same", a=["1", 0]), "3": use("V3Preview", images=["2", 0])}
    assert [problem.code for problem in kitchen.check(bad).problems["2"]] == ["return_type_mismatch"]
