"""One call builds the workflow that a prompt with marks means."""

import pytest

from limner_client import ClientError, text_to_image


def build(prompt, negative="", **choices):
    built = text_to_image(prompt, negative, checkpoint="model.safetensors", **choices)
    return built.workflow.to_document(), built.info


def one(document, class_type):
    found = [(name, node) for name, node in document.items() if node["class_type"] == class_type]
    assert len(found) == 1, class_type
    return found[0]


def classes(document):
    return sorted(node["class_type"] for node in document.values())


def test_the_plain_workflow():
    document, info = build("a cat", "rain", seed=7, output=("files",))
    loaded, painted = ["CLIPTextEncode", "CLIPTextEncode", "CheckpointLoaderSimple"], ["EmptyLatentImage", "KSampler"]
    assert classes(document) == [*loaded, *painted, "SaveImage", "VAEDecode"]
    _, sampler = one(document, "KSampler")
    positive, negative = (document[sampler["inputs"][name][0]] for name in ("positive", "negative"))
    assert (positive["inputs"]["text"], negative["inputs"]["text"]) == ("a cat", "rain")
    assert sampler["inputs"]["seed"] == info["seed"] == 7
    assert one(document, "EmptyLatentImage")[1]["inputs"] == {"width": 512, "height": 512, "batch_size": 1}


def test_loras_of_the_prompt_change_denoiser_and_text():
    document, info = build("a cat <lora:one:0.5><lora:two:0.7:0.2>")
    _, sampler = one(document, "KSampler")
    second = document[sampler["inputs"]["model"][0]]
    first = document[second["inputs"]["model"][0]]
    assert [node["inputs"]["lora_name"] for node in (first, second)] == ["one.safetensors", "two.safetensors"]
    assert (second["inputs"]["strength_model"], second["inputs"]["strength_clip"]) == (0.7, 0.2)
    positive = document[sampler["inputs"]["positive"][0]]
    assert document[positive["inputs"]["clip"][0]] is second
    assert positive["inputs"]["clip"][1] == 1
    negative = document[sampler["inputs"]["negative"][0]]
    assert document[negative["inputs"]["clip"][0]]["class_type"] == "CheckpointLoaderSimple"
    assert info["loras"] == [("one", 0.5, 0.5), ("two", 0.7, 0.2)]


def test_a_lora_of_the_negative_prompt_reads_the_negative_text():
    document, info = build("a cat <lora:one>", "rain <lora:bad:0.4>")
    _, sampler = one(document, "KSampler")
    bad = document[sampler["inputs"]["model"][0]]
    assert bad["inputs"]["lora_name"] == "bad.safetensors"
    assert document[bad["inputs"]["model"][0]]["inputs"]["lora_name"] == "one.safetensors"
    negative = document[sampler["inputs"]["negative"][0]]
    assert document[negative["inputs"]["clip"][0]] is bad
    assert negative["inputs"]["text"] == "rain"
    assert document[bad["inputs"]["clip"][0]]["class_type"] == "CheckpointLoaderSimple"
    assert len(info["loras"]) == 2


def test_break_joins_and_and_combines():
    document, _ = build("a BREAK b AND c")
    _, sampler = one(document, "KSampler")
    combined = document[sampler["inputs"]["positive"][0]]
    assert combined["class_type"] == "ConditioningCombine"
    joined = document[combined["inputs"]["conditioning_1"][0]]
    assert joined["class_type"] == "ConditioningConcat"
    texts = [document[joined["inputs"][name][0]]["inputs"]["text"] for name in ("conditioning_to", "conditioning_from")]
    assert texts == ["a", "b"]
    assert document[combined["inputs"]["conditioning_2"][0]]["inputs"]["text"] == "c"


@pytest.mark.parametrize(("skip", "layer"), [(2, -2), (-2, -2), (0, -1), (1, -1)])
def test_clip_skip(skip, layer):
    document, _ = build("a", clip_skip=skip)
    name, node = one(document, "CLIPSetLastLayer")
    assert node["inputs"]["stop_at_clip_layer"] == layer
    users = [entry for entry in document.values() if entry["inputs"].get("clip") == [name, 0]]
    assert len(users) == 2


def test_another_autoencoder():
    document, info = build("a", vae="other.safetensors")
    name, _ = one(document, "VAELoader")
    assert one(document, "VAEDecode")[1]["inputs"]["vae"] == [name, 0]
    assert info["sd_vae_name"] == "other.safetensors"


def test_sdxl():
    document, info = build("a", kind="sdxl")
    assert (info["width"], info["height"]) == (1024, 1024)
    encoders = [node for node in document.values() if node["class_type"] == "CLIPTextEncodeSDXL"]
    assert len(encoders) == 2
    assert encoders[0]["inputs"]["text_g"] == encoders[0]["inputs"]["text_l"]


def test_where_pictures_go():
    document, _ = build("a", output=("websocket", "files"))
    assert document["save_image_websocket_node"]["class_type"] == "SaveImageWebsocket"
    assert "SaveImage" in classes(document)
    with pytest.raises(ClientError, match="websocket, files"):
        build("a", output=("ui",))


def test_a_random_seed_is_told():
    seeds = {build("a")[1]["seed"] for _ in range(5)}
    assert len(seeds) > 1
    assert all(0 <= seed < 2**31 for seed in seeds)
