"""A1111's lists and options over HTTP."""

import pytest

ROOT = "/sdapi/v1"


async def read(serving, path):
    answer = await serving.client.get(ROOT + path)
    assert answer.status == 200, await answer.text()
    assert float(answer.headers["X-Process-Time"]) >= 0
    return await answer.json()


@pytest.fixture
def checkpoints(folders):
    """Two files that are no models, which nobody loads here."""
    folder = folders.place("checkpoints")
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("one.safetensors", "two.safetensors"):
        (folder / name).write_bytes(b"12345678")
    return folder


LISTS = (
    "samplers schedulers sd-models sd-vae sd-modules loras hypernetworks upscalers latent-upscale-modes "
    "prompt-styles realesrgan-models face-restorers extensions script-info"
)


@pytest.mark.parametrize("name", LISTS.split())
async def test_every_list_is_one(serving, name):
    assert isinstance(await read(serving, f"/{name}"), list)


async def test_lists_hold_what_there_is(serving, checkpoints):
    (serving.folders.user / "default").mkdir(parents=True, exist_ok=True)
    (serving.folders.user / "default" / "styles.csv").write_text("name,prompt,negative_prompt\noil,oil,photo\n")
    assert [entry["name"] for entry in await read(serving, "/samplers")] == ["Euler", "Heun"]
    assert [entry["model_name"] for entry in await read(serving, "/sd-models")] == ["one", "two"]
    assert [entry["name"] for entry in await read(serving, "/upscalers")] == ["None", "Lanczos", "Nearest"]
    assert await read(serving, "/prompt-styles") == [{"name": "oil", "prompt": "oil", "negative_prompt": "photo"}]
    assert await read(serving, "/embeddings") == {"loaded": {}, "skipped": {}}


async def post(serving, path, body=None):
    answer = await serving.client.post(ROOT + path, json=body, headers={"Authorization": "Basic "})
    return answer.status, await answer.json()


async def test_options_are_kept_and_may_all_be_sent_back(serving, checkpoints):
    options = await read(serving, "/options")
    assert options["sd_model_checkpoint"] == "one.safetensors [ef797c8118]"
    options |= {"sd_model_checkpoint": "two", "own option": [1, {"x": None}]}
    assert await post(serving, "/options", options) == (200, None)
    again = await read(serving, "/options")
    assert (again["sd_model_checkpoint"], again["own option"]) == ("two.safetensors [ef797c8118]", [1, {"x": None}])
    assert await post(serving, "/options", {"sd_model_checkpoint": ""}) == (200, None)
    status, body = await post(serving, "/options", {"sd_model_checkpoint": "three", "sd_vae": "x"})
    assert (status, body["error"]) == (500, "RuntimeError")
    assert "not found" in body["detail"]
    assert await read(serving, "/options") == again


async def test_without_a_checkpoint_there_are_options_all_the_same(serving):
    assert (await read(serving, "/options"))["sd_model_checkpoint"] is None


async def test_what_is_not_there_is_told_in_the_shape_of_this_api(serving):
    assert await post(serving, "/rembg") == (404, {"detail": "Not Found"})
    assert (await post(serving, "/train/embedding"))[0] == 501
    answer = await serving.client.post(f"{ROOT}/options", data=b"{nothing")
    assert (answer.status, (await answer.json())["detail"][0]["loc"]) == (422, ["body"])
