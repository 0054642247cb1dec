"""Recipes over HTTP: they need no worker, and every mistake is told in words."""

from limner.storage.builtin import BUILTIN_CHECKPOINT, builtin_models


async def test_models_and_graphs_come_without_a_worker(start, folders):
    object.__setattr__(folders, "builtin", builtin_models())
    serving = await start(up=False)
    listed = await (await serving.client.get("/limner/recipes")).json()
    assert listed["default"] == BUILTIN_CHECKPOINT
    assert listed["models"][0]["family"] == {"id": "sd1", "title": "Stable Diffusion 1"}
    assert [task["id"] for task in listed["tasks"]] == ["text", "image", "inpaint", "outpaint", "upscale", "edit"]
    asked = {"model": "limner-mini", "values": {"prompt.positive": "a cat", "sampler.seed": 5}}
    made = await (await serving.client.post("/limner/recipes/text", json=asked)).json()
    (place,) = made["roles"]["prompt.positive"]
    assert made["prompt"][place["node"]]["inputs"][place["widget"]] == "a cat"


async def test_mistakes_are_told(start, folders):
    object.__setattr__(folders, "builtin", builtin_models())
    serving = await start(up=False)
    for path, body, status, code in (
        ("text", {"model": "absent"}, 404, "unknown_model"),
        ("dance", {}, 404, "unknown_task"),
        ("edit", {}, 400, "unsuited_model"),
        ("text", [], 400, "invalid_body"),
        ("text", {"model": 3}, 400, "invalid_body"),
        ("text", {"values": []}, 400, "invalid_body"),
        ("text", {"values": {"prompt.positive": {}}}, 400, "invalid_body"),
        ("text", {"values": {"lora.list": ["x"]}}, 400, "invalid_body"),
        ("edit", {"values": {"image.reference": [3]}}, 400, "invalid_body"),
        ("text", {"values": {"lora.list": [{"name": "x", "strength": []}]}}, 400, "invalid_body"),
    ):
        answer = await serving.client.post(f"/limner/recipes/{path}", json=body)
        assert (answer.status, (await answer.json())["error"]["type"]) == (status, code), body


async def test_what_a_models_card_recommends_is_its_default(start, folders):
    object.__setattr__(folders, "builtin", builtin_models())
    serving = await start(up=False)
    settings = {"sampler.steps": 7, "sampler.cfg": 2, "size.width": 256, "sampler.name": "heun", "size.height": "x"}
    card = {"kind": "checkpoints", "name": BUILTIN_CHECKPOINT, "card": {"settings": settings}}
    assert (await serving.client.patch("/limner/models/details", json=card)).status == 200
    listed = await (await serving.client.get("/limner/recipes")).json()
    told = listed["models"][0]["defaults"]
    assert (told["steps"], told["guidance"], told["width"], told["height"], told["sampler"]) == (7, 2, 256, 128, "heun")
    made = await (await serving.client.post("/limner/recipes/text", json={"values": {"sampler.steps": 3}})).json()
    sampler = next(node["inputs"] for node in made["prompt"].values() if node["class_type"] == "KSampler")
    assert (sampler["steps"], sampler["cfg"], sampler["sampler_name"]) == (3, 2, "heun")
