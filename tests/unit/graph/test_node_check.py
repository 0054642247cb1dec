"""Every kind of problem that one node can have, in the wording of contract 3.3."""

from typing import Annotated, Any

import pytest

from limner.graph.api_document import from_document
from limner.graph.catalog import Catalog
from limner.graph.check import check
from limner.graph.declare import Choice, Socket, node
from limner.graph.problem import Problem


@pytest.fixture
def problem(catalog, lists):
    """The single problem of node 1, which is made needed by an output that takes anything."""

    def run(kind, inputs, **more):
        document = {
            "1": {"class_type": kind, "inputs": inputs},
            "5": {"class_type": "PrimitiveInt", "inputs": {"value": 1}},
            "out": {"class_type": "Show", "inputs": {"text": "", "flag": 0, "mode": "a", "order": ["1", 0]}},
        }
        found = check(from_document(document), catalog, lists, **more)
        problems = found.problems.get("1", [])
        assert len(problems) <= 1, problems
        return problems[0] if problems else None

    return run


WIDTH = ["INT", {"default": 512, "min": 1, "max": 16384, "step": 1}]
PREVIEW_INPUT = ["IMAGE", {}]


def test_a_missing_input(problem):
    found = problem("Blend", {})
    assert found == Problem(
        code="required_input_missing",
        message="Required input is missing",
        details="first",
        node="1",
        extra={"input_name": "first"},
    )


def test_a_bad_link(problem):
    found = problem("Blend", {"first": ["1", 0, 1]})
    assert found.code == "bad_linked_input"
    assert found.message == "Bad linked input, must be a length-2 list of [node_id, slot_index]"
    assert found.details == "first"
    expected = {"input_name": "first", "input_config": PREVIEW_INPUT, "received_value": ["1", 0, 1]}
    assert found.extra.items() >= expected.items()


def test_a_link_of_another_type(problem):
    found = problem("Blend", {"first": ["5", 0]})
    assert found.code == "return_type_mismatch"
    assert found.message == "Return type mismatch between linked nodes"
    assert found.details == "first, received_type(INT) mismatch input_type(IMAGE)"
    assert found.extra == {
        "input_name": "first",
        "input_config": PREVIEW_INPUT,
        "received_type": "INT",
        "linked_node": ["5", 0],
    }


def test_a_value_that_is_no_number(problem):
    found = problem("EmptyImage", {"width": "abc"})
    reason = "invalid literal for int() with base 10: 'abc'"
    assert found.code == "invalid_input_type"
    assert found.message == "Failed to convert an input value to a INT value"
    assert found.details == f"width, abc, {reason}"
    assert found.extra == {
        "input_name": "width",
        "input_config": WIDTH,
        "received_value": "abc",
        "exception_message": reason,
    }


@pytest.mark.parametrize(
    ("value", "code", "message"),
    [
        (0, "value_smaller_than_min", "Value 0 smaller than min of 1"),
        (99999, "value_bigger_than_max", "Value 99999 bigger than max of 16384"),
        ("0", "value_smaller_than_min", "Value 0 smaller than min of 1"),
    ],
)
def test_a_value_out_of_range(problem, value, code, message):
    found = problem("EmptyImage", {"width": value})
    assert (found.code, found.message, found.details) == (code, message, "width")
    assert found.extra == {"input_name": "width", "input_config": WIDTH, "received_value": int(value)}


def test_a_value_that_is_not_among_many(catalog, lists):
    document = {
        "1": {"class_type": "KSampler", "inputs": {"sampler_name": "eulr", "scheduler": "normal"}},
        "out": {"class_type": "Show", "inputs": {"text": "", "flag": 0, "mode": "a", "order": ["1", 0]}},
    }
    problems = check(from_document(document), catalog, lists).problems["1"]
    [found] = [problem for problem in problems if problem.code == "value_not_in_list"]
    assert found.message == "Value not in list"
    assert found.details == "sampler_name: 'eulr' not in (list of length 26)"
    assert found.extra["input_config"] is None
    assert found.extra["received_value"] == "eulr"
    assert found.extra["nearest"][0] == "euler"


def test_few_choices_are_shown(catalog, lists):
    graph = from_document({"1": {"class_type": "Show", "inputs": {"text": "", "flag": 0, "mode": "zzz"}}})
    [found] = check(graph, catalog, lists).problems["1"]
    assert found.details == "mode: 'zzz' not in ['a', 'b']"
    assert found.extra["input_config"] == [["a", "b"], {"default": "a"}]


def test_a_choice_may_be_taken_though_it_is_not_shown():
    @node(title="Reader", category="test")
    def Reader(*, type: Annotated[str, Choice("old", unlisted=("new",))]) -> Annotated[Any, Socket("CLIP")]:  # noqa: A002
        """Reads."""

    @node(title="Out", category="test", output=True)
    def Out(*, clip: Annotated[Any, Socket("CLIP")]) -> None:
        """Ends."""

    catalog = Catalog(nodes={"Reader": Reader.type, "Out": Out.type})

    def problems(value):
        document = {
            "1": {"class_type": "Reader", "inputs": {"type": value}},
            "2": {"class_type": "Out", "inputs": {"clip": ["1", 0]}},
        }
        return check(from_document(document), catalog, None).problems.get("1", [])

    assert not problems("old")
    assert not problems("new")
    assert problems("newer")[0].details == "type: 'newer' not in ['old']"


def test_a_missing_model_file_says_what_to_do(problem):
    found = problem("CheckpointLoaderSimple", {"ckpt_name": "modell.safetensors"})
    assert found.code == "value_not_in_list"
    listed = "['sub/model.safetensors', 'limner-mini.safetensors']"
    assert found.details == f"ckpt_name: 'modell.safetensors' not in {listed}"
    assert "sub/model.safetensors" in found.extra["nearest"]
    assert "model folder 'checkpoints'" in found.extra["advice"]
    assert found.extra["list"] == "checkpoints"


def test_a_file_name_from_windows(catalog, lists, read):
    found = check(
        read(
            n1=("CheckpointLoaderSimple", {"ckpt_name": "sub\\model.safetensors"}),
            n2=("Show", {"text": "", "flag": 0, "mode": "a", "order": ["1", 0]}),
        ),
        catalog,
        lists,
    )
    assert found.graph.nodes["1"].inputs["ckpt_name"] == "sub/model.safetensors"


def test_a_list_that_nobody_has(problem):
    assert problem("LoraLoader", {"model": 1, "clip": 1, "lora_name": "a", "strength_model": 1, "strength_clip": 1})


@pytest.mark.parametrize(
    ("link", "kind", "details"),
    [
        (["99", 0], "KeyError", "'99'"),
        ([1, 0], "KeyError", "1"),
        ([None, 0], "KeyError", "None"),
        (["5", 1], "IndexError", "tuple index out of range"),
        (["5", -1], "IndexError", "tuple index out of range"),
        (["5", "0"], "TypeError", "tuple indices must be integers or slices, not str"),
    ],
)
def test_links_to_nothing(problem, link, kind, details):
    found = problem("Blend", {"first": link})
    assert (found.code, found.message) == ("exception_during_validation", "Exception when validating node")
    assert found.details == details
    assert found.extra["exception_type"] == kind
    assert isinstance(found.extra["traceback"], list)


def test_no_inputs_at_all(catalog, lists):
    for written, codes in (({}, ["exception_during_validation"]), ({"inputs": []}, ["required_input_missing"])):
        graph = from_document({"1": {"class_type": "PreviewImage"} | written})
        assert [problem.code for problem in check(graph, catalog, lists).problems["1"]] == codes


@pytest.mark.parametrize("value", ["here.png", "sub/there.png", "there.png [output]"])
def test_pictures_that_exist(problem, value):
    assert problem("LoadImage", {"image": value}, exists=lambda name: "there" in name) is None


@pytest.mark.parametrize("value", ["nope.png", "../x.png", "\0", 5, None])
def test_pictures_that_do_not_exist(problem, value):
    def exists(name):
        if name.startswith("."):
            raise ValueError(name)
        return False

    found = problem("LoadImage", {"image": value}, exists=exists)
    assert (found.code, found.message) == ("custom_validation_failed", "Custom validation failed for node")
    assert found.details == f"image - Invalid image file: {value}"
    assert found.extra["input_name"] == "image"


@pytest.mark.parametrize(("several", "sound"), [(["p", "q"], True), ([], True), (["p", "x"], False), ("x", False)])
def test_several_choices_at_once(catalog, lists, several, sound):
    wrapped = {"__value__": several}
    inputs = {"text": "", "flag": 0, "mode": "a", "several": wrapped}
    found = check(from_document({"1": {"class_type": "Show", "inputs": inputs}}), catalog, lists)
    assert bool(found.targets) is sound


def test_huge_values_are_not_repeated(problem):
    found = problem("EmptyImage", {"width": "9" * 100_000})
    assert len(found.details) < 5000
    assert len(found.extra["received_value"]) < 5000


def test_values_nested_without_end(problem):
    value = {}
    for _ in range(20_000):
        value = {"a": value}
    assert problem("EmptyImage", {"width": value}).code == "invalid_input_type"
