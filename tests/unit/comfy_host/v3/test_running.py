"""Plain V3 nodes in a real engine."""

import pytest

from limner.engine.events import NodeBlocked


def test_values_and_labels(kitchen, use):
    trace = kitchen.run({"1": use("V3Add", a=3, b=4), "2": use("V3Text", value=["1", 0])})
    assert trace.text("2") == 7


def test_an_absent_optional_input_is_not_passed(kitchen, use):
    assert kitchen.run({"1": use("V3Add", a=3), "2": use("V3Text", value=["1", 0])}).text("2") == 103


def test_undeclared_constants_are_dropped(kitchen, use):
    assert kitchen.run({"1": use("V3Add", a=3, c=9), "2": use("V3Text", value=["1", 0])}).text("2") == 103


def test_coroutines(kitchen, use):
    document = {
        "1": use("V3SlowAdd", a=1, b=2),
        "2": use("V3SlowAdd", a=["1", 0], b=5),
        "3": use("V3Text", value=["2", 0]),
    }
    assert kitchen.backend.coroutines >= {"V3SlowAdd", "V3Progress"}
    assert kitchen.run(document).text("3") == 8


def test_lists_are_mapped_and_gathered(kitchen, use):
    document = {
        "1": use("V3Spread", count=3),
        "2": use("V3Add", a=["1", 0], b=10),
        "3": use("V3Gather", items=["2", 0], separator="/"),
        "4": use("V3Text", value=["3", 0]),
    }
    assert kitchen.run(document).text("4") == "3:10/11/12"


def test_hidden_values_beside_an_input_of_the_same_name(kitchen, use):
    extra = {"extra_pnginfo": {"workflow": {"x": 1}}}
    trace = kitchen.run({"1": use("V3Hidden", prompt="cat")}, extra=extra, secrets={"api_key_comfy_org": "secret"})
    assert trace.shown["1"] == {
        "prompt": ["cat"],
        "nodes": [["1"]],
        "extra": [{"workflow": {"x": 1}}],
        "id": ["1"],
        "real": ["1"],
        "key": [True],
        "unknown": [None],
    }


@pytest.mark.parametrize(("which", "value", "started"), [(True, 7, {"y", "s", "t"}), (False, 9, {"n", "s", "t"})])
def test_only_the_wanted_lazy_input_is_evaluated(kitchen, use, which, value, started):
    document = {
        "y": use("V3Add", a=3, b=4),
        "n": use("V3Add", a=4, b=5),
        "s": use("V3Switch", which=which, yes=["y", 0], no=["n", 0]),
        "t": use("V3Text", value=["s", 0]),
    }
    trace = kitchen.run(document)
    assert trace.text("t") == value
    assert set(trace.started) == started


@pytest.mark.parametrize(("number", "expected"), [(1, [1, None]), (2, [2, 30])])
def test_a_node_of_coroutines_that_takes_lists(kitchen, use, number, expected):
    document = {
        "1": use("V3Add", a=10, b=20),
        "2": use("V3Awaited", number=number, other=["1", 0]),
        "3": use("V3Gather", items=["2", 0], separator="|"),
        "4": use("V3Text", value=["3", 0]),
    }
    assert kitchen.run(document).text("4") == "3:" + "|".join(map(str, expected))
    assert "2" not in kitchen.run(document).started, "equal inputs and fingerprints are the same result"


def test_expansion(kitchen, use):
    document = {
        "1": use("V3Expand", value=1),
        "2": use("V3Text", value=["1", 0]),
        "3": use("V3Text", value=["1", 1]),
    }
    trace = kitchen.run(document)
    assert (trace.text("2"), trace.text("3")) == (16, 1)
    assert {"1.0.0.1", "1.0.0.2"} <= set(trace.started)


@pytest.mark.parametrize(
    ("way", "first", "second", "messages"),
    [
        ("no", "1", "2", []),
        ("output", None, None, ["no way", "no way"]),
        ("silently", None, None, []),
        ("returned", None, None, ["said so", "said so"]),
        ("one", None, "2", ["only one"]),
        ("dict", "7", "8", []),
    ],
)
def test_blockers(kitchen, use, way, first, second, messages):
    document = {"1": use("V3Block", way=way), "2": use("V3Text", value=["1", 0]), "3": use("V3Text", value=["1", 1])}
    trace = kitchen.run(document)
    assert trace.succeeded
    assert [trace.shown.get(name, {}).get("text", [None])[0] for name in "23"] == [first, second]
    assert [event.message for event in trace.of(NodeBlocked)] == messages


def test_a_fingerprint_decides_whether_a_node_runs_again(kitchen, use, monkeypatch):
    counted = kitchen.node("V3Counted")
    monkeypatch.setattr(counted, "runs", [])
    monkeypatch.setattr(counted, "state", ["first"])
    document = {"1": use("V3Counted", a=5), "2": use("V3Text", value=["1", 0])}
    assert [kitchen.run(document).text("2") for _ in range(2)] == [1, 1]
    counted.state[0] = "second"
    assert kitchen.run(document).text("2") == 2
    counted.state[0] = "broken"
    assert [kitchen.run(document).text("2") for _ in range(2)] == [3, 4]


def test_a_class_cannot_be_changed_while_it_runs(kitchen, use):
    trace = kitchen.run({"1": use("V3Selfish"), "2": use("V3Text", value=["1", 0])})
    assert trace.failure.error_type == "AttributeError"
    assert "cannot be changed while the node runs" in trace.failure.message
    assert not hasattr(kitchen.node("V3Selfish"), "kept")


def test_inherited_classes(kitchen, use):
    assert kitchen.run({"1": use("V3Derived", a=2), "2": use("V3Text", value=["1", 0])}).text("2") == 11


def test_raw_links_undeclared_inputs_and_wrapped_lists(kitchen, use):
    document = {
        "1": use("V3Add", a=1, b=1),
        "2": use("V3Everything", size="l", amount=0.25, raw=["1", 0], another={"__value__": [1, 2]}, third="x"),
        "3": use("V3Text", value=["2", 0]),
    }
    size, amount, raw, cheese, color, others = kitchen.run(document).text("3")
    assert (size, amount, raw, cheese, color) == ("l", 0.25, ["1", 0], None, None)
    assert (list(others["another"]), others["third"]) == ([1, 2], "x")


def test_a_choice_of_several_comes_as_a_list(kitchen, use):
    trace = kitchen.run({"1": use("CapV3", mode="a", n=1, mc={"__value__": ["p", "q"]})})
    assert trace.shown["1"] == {"mode": ["a"], "mc": ["p", "q"], "kind": ["list"]}


def test_a_bare_value_is_refused_with_advice(kitchen, broken):
    with pytest.raises(TypeError, match=r"returned a str; expected io\.NodeOutput"):
        broken.BareValue.EXECUTE_NORMALIZED()
