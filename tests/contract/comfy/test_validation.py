"""``POST /prompt`` over nodes with validation functions (contract 3; 8.5 ``test_validation_error_*``)."""

from typing import Annotated, Any

import pytest

from limner.dialects.comfy.replacements import Replacement
from limner.graph.declare import Choice, Flags, NodeResult, Number, Socket

ANYTHING = Annotated[Any, Socket("*")]
Share = Annotated[float, Number(min=0.0, max=1.0)]
Number_ = Annotated[int, Number(min=0, max=10)]


def types(body: dict[str, Any]) -> dict[str, list[str]]:
    return {name: [error["type"] for error in entry["errors"]] for name, entry in body["node_errors"].items()}


@pytest.fixture
def checked(peer):
    """Output nodes whose functions judge in the ways that there are."""

    def literal(value):
        return True if value is None or value < 5 else f"{value} is too much"

    def linked(input_types):
        return all(kind in ("INT", "FLOAT") for kind in input_types.values())

    def everything(**inputs):
        return "nothing suits" if inputs["value"] == 9 else True

    for name, validate in (("Literal", literal), ("Typed", linked), ("Everything", everything), ("Plain", None)):

        @peer.define(name=name, validate=validate, output=True)
        def Own(*, value: Number_, other: Number_ = 0) -> None:
            return NodeResult(ui={"shown": [value]})

    @peer.define()
    def Text(*, text: str = "") -> str:
        return text

    @peer.define()
    def Half(*, value: Share) -> Annotated[float, Socket("FLOAT")]:
        return value


async def test_validation_error_literal(peer, make, checked):
    body = await peer.refused({"1": make("Literal", value=7, other=0)})
    assert body["error"]["type"] == "prompt_outputs_failed_validation"
    assert body["error"]["details"] == "Custom validation failed for node: value - 7 is too much"
    entry = body["node_errors"]["1"]
    assert entry == {
        "errors": [
            {
                "type": "custom_validation_failed",
                "message": "Custom validation failed for node",
                "details": "value - 7 is too much",
                "extra_info": {"input_name": "value"},
            }
        ],
        "dependent_outputs": ["1"],
        "class_type": "Literal",
    }


async def test_validation_error_edge1(peer, make, checked):
    """A linked value is not judged before it is there; limits do not hold for it either."""
    prompt = {"1": make("Value", value=700), "2": make("Literal", value="@1", other=0)}
    assert (await peer.run(prompt)).shown == {"2": [700]}


async def test_validation_error_edge2(peer, make, checked):
    """Links of a type that does not fit are refused."""
    body = await peer.refused({"1": make("Text", text="a"), "2": make("Plain", value="@1", other=0)})
    assert types(body) == {"2": ["return_type_mismatch"]}


async def test_validation_error_edge3(peer, make, checked):
    """A function that takes ``input_types`` judges links alone."""
    prompt = {"1": make("Half", value=0.5), "2": make("Typed", value="@1", other=0)}
    assert (await peer.run(prompt)).shown == {"2": [0.5]}
    body = await peer.refused({"1": make("Text", text="a"), "2": make("Typed", value="@1", other=0)})
    assert types(body) == {"2": ["custom_validation_failed"]}


async def test_validation_error_edge4(peer, make, checked):
    """Limits hold for inputs that the function does not name, and for those only."""
    body = await peer.refused({"1": make("Literal", value=-3, other=-3)})
    [error] = body["node_errors"]["1"]["errors"]
    assert (error["type"], error["details"]) == ("value_smaller_than_min", "other")


async def test_validation_error_kwargs(peer, make, checked):
    assert (await peer.run({"1": make("Everything", value=99, other=-99)})).shown == {"1": [99]}
    body = await peer.refused({"1": make("Everything", value=9, other=1)})
    assert [error["details"] for error in body["node_errors"]["1"]["errors"]] == [
        "value - nothing suits",
        "other - nothing suits",
    ]


async def test_partial_validity(peer, make, checked):
    prompt = {"1": make("Plain", value=1, other=0), "2": make("Literal", value=8, other=0)}
    status, body = await peer.post(prompt)
    assert status == 200 and types(body) == {"2": ["custom_validation_failed"]}
    assert body["node_errors"]["2"]["dependent_outputs"] == ["2"]


async def test_values_are_unwrapped_and_coerced_in_what_is_kept(peer, make):
    @peer.define(output=True)
    def Take(
        *, several: Annotated[str, Choice("a", "b", "c", multiselect=True)], count: int, flag: bool, text: str
    ) -> None:
        return NodeResult(ui={"shown": [several, count, flag, text]})

    inputs = {"several": {"__value__": ["a", "c"]}, "count": {"__value__": "16"}, "flag": "false", "text": 123}
    run = await peer.run({"1": {"class_type": "Take", "inputs": inputs}})
    assert run.shown == {"1": [["a", "c"], 16, True, "123"]}
    assert run.history["prompt"][2]["1"]["inputs"] == {"several": ["a", "c"], "count": 16, "flag": True, "text": "123"}


async def test_raw_links_are_handed_over_as_they_are(peer, make):
    @peer.define(output=True)
    def Raw(*, value: Annotated[Any, Socket("*"), Flags()], other: ANYTHING) -> None:
        return NodeResult(ui={"shown": [value, other]})

    described = peer.definitions["Raw"]
    import dataclasses

    import msgspec

    inputs = tuple(
        msgspec.structs.replace(entry, options={"rawLink": True}) if entry.name == "value" else entry
        for entry in described.type.inputs
    )
    peer.definitions["Raw"] = dataclasses.replace(
        described, type=msgspec.structs.replace(described.type, inputs=inputs)
    )
    prompt = {"1": make("Value", value=4), "2": make("Raw", value="@1", other="@1")}
    run = await peer.run(prompt)
    assert run.shown == {"2": [["1", 0], 4]} and run.executing == ["1", "2"]


async def test_numbers_are_taken_even_by_prompts_that_are_refused(peer, make):
    prompt = {"1": make("Show", value=1)}
    first = (await peer.post(prompt))[1]["number"]
    await peer.refused({"1": make("Nope")})
    await peer.refused({"1": make("Show", value=["9", 0])})
    assert (await peer.post(prompt))[1]["number"] == first + 3
    assert (await peer.post(prompt, front=True))[1]["number"] == -(first + 4)
    assert (await peer.post(prompt, number="7"))[1]["number"] == 7.0


@pytest.mark.parametrize("name", ["my-own-id", "0b6a1b6e-5d5c-4b0e-8c1e-2f6c9a8d7e10", 17])
async def test_ids_are_the_clients_choice(peer, make, name):
    status, body = await peer.post({"1": make("Show", value=1)}, prompt_id=name)
    assert status == 200 and body["prompt_id"] == str(name)


@pytest.mark.parametrize("name", [{}, [1], True, "a/b", "x" * 500])
async def test_ids_that_no_route_could_name_are_refused(peer, make, name):
    body = await peer.refused({"1": make("Show", value=1)}, prompt_id=name)
    assert body["error"]["type"] == "invalid_prompt_id"


async def test_a_null_id_gets_one_made(peer, make):
    _, body = await peer.post({"1": make("Show", value=1)}, prompt_id=None)
    assert len(body["prompt_id"]) == 36


async def test_who_asks_and_when_is_kept(peer, make):
    client = await peer.client()
    body = {"prompt": {"1": make("Show", value=1)}, "extra_data": {"mine": 1}}
    answer = await client.post("/prompt", json=body, headers={"Comfy-Usage-Source": "a-tool"})
    job = (await answer.json())["prompt_id"]
    found = {}
    while not found:
        found = await (await client.get(f"/history/{job}")).json()
    extra = found[job]["prompt"][3]
    assert extra.pop("create_time") > 1.7e12
    assert extra == {"mine": 1, "comfy_usage_source": "a-tool"}


async def test_handlers_of_packs_see_prompts_first(peer, make):
    def handler(body):
        return {"prompt": {"1": make("Show", value=5)}, "client_id": body["client_id"]}

    peer.packs.handlers.append(handler)
    assert (await peer.run({"1": make("Nope")})).shown == {"1": [5]}


async def test_replaced_node_types_are_replaced_before_the_check(peer, make, monkeypatch):
    import msgspec

    from limner.server.routes import prompt as route

    gone = msgspec.to_builtins(Replacement(new_node_id="Show", old_node_id="OldShow"))
    monkeypatch.setattr(route, "read_table", lambda _: {"OldShow": [msgspec.convert(gone, Replacement)]})
    run = await peer.run({"1": make("OldShow", value=6)})
    assert run.shown == {"1": [6]} and run.history["prompt"][2]["1"]["class_type"] == "Show"


@pytest.mark.parametrize(
    "prompt",
    [
        {"1": None},
        {"1": 5},
        {"1": []},
        {"1": {"class_type": "Show", "inputs": {"value": {"__value__": {"__value__": [[]]}}}}},
        {"1": {"class_type": "Show", "inputs": {"value": [["1", 0], 0]}}},
        {"1": {"class_type": "Show", "inputs": {"value": ["1", 0]}}},
        {"1": {"class_type": {}, "inputs": 5}},
        {"": {"class_type": "Show", "inputs": {"": ["", 0]}}},
        "text",
        7,
        [[]],
        {"nodes": [], "links": []},
        {"nodes": [{"type": "Show"}], "links": [[]]},
    ],
)
async def test_a_malformed_prompt_is_never_a_server_error(peer, prompt):
    client = await peer.client()
    for body in ({"prompt": prompt}, {"prompt": prompt, "extra_data": {"extra_pnginfo": 5}}):
        answer = await client.post("/prompt", json=body)
        assert answer.status in (200, 400), await answer.text()
        await answer.json()
