"""Styles, wildcards and prompts that are drawn."""

from msgspec.structs import replace
from tests.unit.server.conftest import CATALOG, graph

from limner.dialects.comfy.expansion import expanded
from limner.graph.catalog import Catalog
from limner.graph.graph import Graph, Node
from limner.graph.node_type import Input, NodeType


async def test_styles_are_those_of_a1111s_clients(serving):
    style = {"name": "ink", "prompt": '{prompt}, ink, "fine"\nlines', "negative": "photo"}
    assert (await serving.client.put("/limner/styles", json={"styles": [style]})).status == 204
    assert await (await serving.client.get("/limner/styles")).json() == {"styles": [style]}
    (told,) = await (await serving.client.get("/sdapi/v1/prompt-styles")).json()
    assert told["negative_prompt"] == "photo"
    for wrong in (None, [3], [{"name": ""}], [{"name": "a", "prompt": 3}]):
        assert (await serving.client.put("/limner/styles", json={"styles": wrong})).status == 400


async def test_wildcards_are_kept_listed_and_drawn(serving):
    name = "/limner/wildcards/animals%2Fcats"
    assert (await serving.client.put(name, json={"text": "tabby\n# no\nsphynx"})).status == 204
    assert (await (await serving.client.get(name)).json())["text"].startswith("tabby")
    listed = await (await serving.client.get("/limner/wildcards")).json()
    assert listed == {"wildcards": [{"name": "animals/cats", "own": True}]}
    await serving.client.put("/limner/styles", json={"styles": [{"name": "ink", "prompt": "ink", "negative": "photo"}]})
    asked = {"text": "a {red|red} __animals/cats__ <lora:soft:0.5>", "negative": "bad", "seed": 4, "styles": ["ink"]}
    answers = [await (await serving.client.post("/limner/prompts/expand", json=asked)).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["text"] in ("a red tabby , ink", "a red sphynx , ink")
    assert answers[0]["negative"] == "bad, photo"
    assert answers[0]["loras"] == [{"name": "soft", "strength": 0.5}]
    assert (await serving.client.delete(name)).status == 204
    assert (await serving.client.delete(name)).status == 404


async def test_what_cannot_be_drawn_is_told(serving):
    for body, status in (
        ({"text": "__nobody__"}, 400),
        ({"text": "__../../x__"}, 403),
        ({"text": 3}, 400),
        ({"text": "a", "seed": "x"}, 400),
        ({"text": "a", "seed": -1}, 400),
    ):
        answer = await serving.client.post("/limner/prompts/expand", json=body)
        assert answer.status == status, body
        assert (await answer.json())["error"]["message"]
    for name in ("..%2Fx", ".hidden", "a%00"):
        assert (await serving.client.put(f"/limner/wildcards/{name}", json={"text": "a"})).status in (400, 403)
    assert (await serving.client.put("/limner/wildcards/a", json={})).status == 400


TEXTS = Catalog(
    nodes={
        "Text": NodeType(
            name="Text", title="Text", category="", doc="",
            inputs=(Input(name="text", type="STRING", options={"dynamicPrompts": True}),
                    Input(name="path", type="STRING")),
        )
    }
)  # fmt: skip


def test_only_prompts_are_drawn():
    drawn = Graph({"1": Node(type="Text", inputs={"text": "__a__", "path": "__init__"})})
    after = expanded(drawn, TEXTS, lambda text, seed: f"drawn {seed}")
    assert after.nodes["1"].inputs == {"text": "drawn 0", "path": "__init__"}


async def test_a_prompt_is_drawn_if_its_client_asks(start, monkeypatch):
    text = Input(name="text", type="STRING", options={"dynamicPrompts": True}, required=False)
    kind = CATALOG.nodes["EmptyImage"]
    monkeypatch.setitem(CATALOG.nodes, "EmptyImage", replace(kind, inputs=(*kind.inputs, text)))
    serving = await start()  # The server reads the catalog once, when its worker comes up.
    await serving.client.put("/limner/wildcards/cats", json={"text": "tabby"})

    async def asked(text, **extra):
        document = graph("EmptyImage", "SaveImage", EmptyImage={"text": text})
        return await serving.client.post("/prompt", json={"prompt": document, "extra_data": extra})

    drawn, plain = await asked("a __cats__", limner={"expand": True}), await asked("a __cats__")
    told = []
    for answer in (drawn, plain):
        entry = await serving.finished((await answer.json())["prompt_id"])
        told.append(entry["prompt"][2]["1"]["inputs"]["text"])
    assert told == ["a tabby", "a __cats__"]
    refused = await asked("a __dogs__", limner={"expand": True})
    assert refused.status == 400
    assert "__dogs__" in (await refused.json())["error"]["details"]
