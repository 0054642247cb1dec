"""A node type's own validation function: what it is asked, and what its answers become (contract 3.3, 3.4)."""

from typing import Annotated, Any

import pytest

from limner.backends.in_process_validation import ask
from limner.graph.api_document import from_document
from limner.graph.catalog import Catalog
from limner.graph.check import Checked, check
from limner.graph.declare import Choice, Flags, NodeDefinition, Number, Socket, node
from limner.graph.node_type import Input, NodeType

ANYTHING = Annotated[Any, Socket("*")]
Small = Annotated[int, Number(min=0, max=10)]
Number_ = Annotated[float, Socket("FLOAT")]


class Pack:
    """Nodes with validation functions, checked as the server checks them."""

    def __init__(self) -> None:
        self.definitions: dict[str, NodeDefinition] = {}
        self.calls: list[dict[str, Any]] = []

    def add(self, validate: Any, *, name: str = "Own", output: bool = True, takes_lists: bool = False) -> None:
        @node(
            name=name, title=name, category="test", output=output, validate=validate, takes_lists=takes_lists,
            outputs=("out",),
        )  # fmt: skip
        def function(
            *,
            a: Small = 1,
            b: Small = 1,
            mode: Annotated[str, Choice("x", "y"), Flags(optional=True)] = "x",
            link: Annotated[Any, Socket("IMAGE"), Flags(optional=True)] = None,
        ) -> int:
            return a

        self.definitions[name] = function

    def check(self, **nodes: Any) -> Checked:
        @node(title="Source", category="test", outputs=("out",))
        def Source(*, value: int = 0) -> int:
            return value

        types = {name: definition.type for name, definition in self.definitions.items()}
        document = {
            key.removeprefix("n"): {"class_type": kind, "inputs": inputs} for key, (kind, inputs) in nodes.items()
        }
        catalog = Catalog(nodes={**types, "Source": Source.type})
        return check(
            from_document(document), catalog, lambda _: (), validate=lambda batch: ask(self.definitions, batch)
        )


@pytest.fixture
def pack() -> Pack:
    return Pack()


def errors(found: Checked, name: str = "1") -> list[tuple[str, str, dict[str, Any]]]:
    return [(problem.code, problem.details, problem.extra) for problem in found.problems.get(name, ())]


def test_true_is_valid_and_values_are_coerced(pack):
    seen = []
    pack.add(lambda a: seen.append(a) or True)
    found = pack.check(n1=("Own", {"a": "3", "b": 1}))
    assert found.targets == ("1",) and seen == [3]


def test_false_names_the_input(pack):
    pack.add(lambda a: False)
    found = pack.check(n1=("Own", {"a": 3, "b": 1}))
    assert errors(found) == [("custom_validation_failed", "a", {"input_name": "a"})]
    assert found.problems["1"][0].message == "Custom validation failed for node"
    assert found.problem.details == "Custom validation failed for node: a"


def test_a_sentence_follows_the_input(pack):
    pack.add(lambda a: "too odd")
    assert errors(pack.check(n1=("Own", {"a": 3, "b": 1})))[0][1] == "a - too odd"


def test_a_function_that_takes_any_gets_all_declared_inputs_and_is_told_of_each(pack):
    def validate(**inputs: Any) -> str:
        pack.calls.append(inputs)
        return "no"

    pack.add(validate)
    found = pack.check(n1=("Own", {"a": 99, "b": -5, "mode": "z", "stray": 5}))
    assert pack.calls == [{"a": 99, "b": -5, "mode": "z"}]
    assert [details for _, details, _ in errors(found)] == ["a - no", "b - no", "mode - no"]


def test_naming_an_input_takes_its_limits_over_and_only_its(pack):
    pack.add(lambda a, mode: True)
    assert pack.check(n1=("Own", {"a": 99, "b": 1, "mode": "z"})).targets == ("1",)
    found = pack.check(n1=("Own", {"a": 99, "b": 99, "mode": "z"}))
    assert [code for code, _, _ in errors(found)] == ["value_bigger_than_max"]


def test_linked_inputs_are_none(pack):
    pack.add(lambda a, b: pack.calls.append({"a": a, "b": b}) or True)
    pack.check(n1=("Own", {"a": ["2", 0], "b": 4}), n2=("Source", {"value": 1}))
    assert pack.calls == [{"a": None, "b": 4}]


def test_input_types_takes_the_types_of_links_over(pack):
    def validate(input_types: Any) -> Any:
        pack.calls.append(dict(input_types))
        return True if input_types.get("link") == "INT" else "wrong type"

    pack.add(validate)
    inputs = {"a": 1, "b": 1, "link": ["2", 0]}
    assert pack.check(n1=("Own", inputs), n2=("Source", {"value": 1})).targets == ("1",)
    assert pack.calls == [{"link": "INT"}]


def test_without_input_types_links_are_judged_as_ever(pack):
    pack.add(lambda a: True)
    found = pack.check(n1=("Own", {"a": 1, "b": 1, "link": ["2", 0]}), n2=("Source", {"value": 1}))
    assert [code for code, _, _ in errors(found)] == ["return_type_mismatch"]


def test_no_named_input_gives_an_error_without_facts(pack):
    def validate(input_types: Any) -> str:
        return "no"

    pack.add(validate)
    assert errors(pack.check(n1=("Own", {"a": 1, "b": 1}))) == [("custom_validation_failed", "no", {})]


def test_async_functions_are_awaited(pack):
    async def validate(a: int) -> Any:
        return "async no" if a else True

    pack.add(validate)
    assert errors(pack.check(n1=("Own", {"a": 1, "b": 1})))[0][1] == "a - async no"
    assert pack.check(n1=("Own", {"a": 0, "b": 1})).targets == ("1",)


def test_what_it_raises_on_an_output_node(pack):
    def validate(a: int) -> bool:
        raise ValueError("explode")

    pack.add(validate)
    found = pack.check(n1=("Own", {"a": 1, "b": 1}))
    [(code, details, extra)] = errors(found)
    assert (code, details, extra["exception_type"]) == ("exception_during_validation", "explode", "ValueError")
    assert extra["traceback"]


def test_what_it_raises_on_a_node_that_feeds_others(pack):
    def validate(a: int) -> bool:
        raise ValueError("explode")

    pack.add(validate, name="Inner", output=False)
    pack.add(None, name="Outer")
    found = pack.check(n1=("Inner", {"a": 1, "b": 1}), n2=("Outer", {"a": ["1", 0], "b": 1}))
    [(code, details, extra)] = errors(found)
    assert (code, details) == ("exception_during_inner_validation", "explode")
    assert found.problems["1"][0].message == "Exception when validating inner node"
    assert extra.pop("traceback")
    assert extra == {
        "input_name": "a",
        "input_config": ["INT", {"default": 1, "min": 0, "max": 10}],
        "exception_message": "explode",
        "exception_type": "ValueError",
        "linked_node": ["1", 0],
    }
    assert found.dependents == {"1": ["2"]} and found.problem.details == ""


def test_a_link_to_nothing_behind_an_output_is_told_as_inner(pack):
    pack.add(None, name="Inner", output=False)
    pack.add(None, name="Outer")
    found = pack.check(n1=("Inner", {"a": ["98", 0], "b": 1}), n2=("Outer", {"a": ["1", 0], "b": 1}))
    [(code, details, extra)] = errors(found)
    assert (code, details, extra["linked_node"]) == ("exception_during_inner_validation", "'98'", ["1", 0])


def test_lists_are_whole_for_types_that_take_them(pack):
    pack.add(lambda a: pack.calls.append({"a": a}) or True, takes_lists=True)
    pack.check(n1=("Own", {"a": 3, "b": 1}))
    assert pack.calls == [{"a": [3]}]


def test_failed_nodes_break_what_is_behind_them_only(pack):
    pack.add(lambda a: a < 5, name="Inner", output=False)
    pack.add(None, name="Outer")
    found = pack.check(
        n1=("Inner", {"a": 6, "b": 1}),
        n2=("Inner", {"a": 1, "b": 1}),
        n3=("Outer", {"a": ["1", 0], "b": 1}),
        n4=("Outer", {"a": ["2", 0], "b": 1}),
    )
    assert found.targets == ("4",) and list(found.problems) == ["1"] and found.problem is None


def combo(**fields: Any) -> NodeType:
    entry = Input(name="choice", type="COMBO", **fields)
    return NodeType(name="T", title="T", category="", doc="", inputs=(entry,), is_output=True)


def refused(kind: NodeType, value: Any) -> Any:
    graph = from_document({"1": {"class_type": "T", "inputs": {"choice": value}}})
    found = check(graph, Catalog(nodes={"T": kind}), lambda _: ())
    return found.problems["1"][0] if found.problems else None


@pytest.mark.parametrize("value", [1, 2.5, True, "a"])
def test_choices_may_be_any_plain_values(value):
    assert refused(combo(choices=(1, 2.5, True, "a")), value) is None


def test_a_number_is_not_its_text():
    found = refused(combo(choices=(1, 2)), "1")
    assert (found.code, found.details) == ("value_not_in_list", "choice: '1' not in [1, 2]")


def test_newer_combos_are_checked_against_their_options():
    kind = combo(options={"options": ["a", "b"], "multiselect": False})
    assert refused(kind, "a") is None
    found = refused(kind, "c")
    assert found.details == "choice: 'c' not in ['a', 'b']"
    assert found.extra["input_config"] == ["COMBO", {"options": ["a", "b"], "multiselect": False}]


def test_each_item_of_a_multiselect_is_checked():
    kind = combo(options={"options": ["a", "b"], "multiselect": True})
    assert refused(kind, {"__value__": ["a", "b"]}) is None
    assert refused(kind, {"__value__": ["a", "q"]}).extra["received_value"] == "q"


def test_a_remote_combo_is_the_clients_affair():
    assert refused(combo(options={"remote": {"route": "/x"}}), "whatever") is None
