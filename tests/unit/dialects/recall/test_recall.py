"""What files say of how they were made, whoever wrote them."""

import io
import json
import struct

import msgspec
import pytest
from PIL import Image, PngImagePlugin

from limner.app.catalogue import local_catalog
from limner.dialects.a1111.models import ModelFile
from limner.dialects.pictures import PictureWish
from limner.dialects.recall.known_models import with_known_models
from limner.dialects.recall.recall import recall, recall_file
from limner.graph.api_document import to_document

UI = {"nodes": [{"id": 1, "type": "KSampler", "pos": [0, 0]}], "links": [], "version": 0.4}
API = to_document(
    PictureWish(model="m.safetensors", prompt="a cat", negative="bad", seeds=(7,), origin="o.png", denoise=0.5).graph()
)
INFOTEXT = (
    "a red apple, <lora:shiny:0.5>\nNegative prompt: blurry\n"
    "Steps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, Seed: 42, Size: 512x768, "
    "Model hash: 0a1b2c3d4e, Model: good_v1, Denoising strength: 0.4"
)


def png(**texts):
    info = PngImagePlugin.PngInfo()
    for name, text in texts.items():
        info.add_text(name.replace("_", "-") if name == "sd_metadata" else name, text)
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "png", pnginfo=info)
    return file.getvalue()


def in_exif(form, text, tag=0x9286):
    file, exif = io.BytesIO(), Image.Exif()
    if tag == 0x9286:
        exif.get_ifd(0x8769)[tag] = b"UNICODE\0" + text.encode("utf-16-be")
    else:
        exif[tag] = text
    Image.new("RGB", (8, 8)).save(file, form, exif=exif)
    return file.getvalue()


def test_a_picture_of_comfyui_tells_its_workflow_what_was_run_and_its_settings():
    found = recall(png(workflow=json.dumps(UI), prompt=json.dumps(API)))
    assert (found.kind, found.source) == ("workflow", "png/comfyui")
    assert found.workflow == UI
    assert found.prompt == API
    assert found.settings == {
        "prompt.positive": "a cat",
        "prompt.negative": "bad",
        "sampler.seed": 7,
        "sampler.steps": 20,
        "sampler.cfg": 7.0,
        "sampler.name": "euler",
        "sampler.scheduler": "normal",
        "sampler.denoise": 0.5,
        "model.main": "m.safetensors",
        "image.init": "o.png",
        "size.width": 1024,
        "size.height": 1024,
    }
    assert recall(png(prompt=json.dumps(API))).kind == "prompt"


def test_guiders_and_loras_are_traced():
    graph = {
        "1": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux.safetensors"}},
        "2": {"class_type": "LoraLoaderModelOnly",
              "inputs": {"model": ["1", 0], "lora_name": "a", "strength_model": 0.7}},
        "3": {"class_type": "LoraLoaderModelOnly",
              "inputs": {"model": ["2", 0], "lora_name": "b", "strength_model": 0.2}},
        "4": {"class_type": "CLIPTextEncode", "inputs": {"text": "hello", "clip": ["9", 0]}},
        "5": {"class_type": "FluxGuidance", "inputs": {"conditioning": ["4", 0], "guidance": 3.5}},
        "6": {"class_type": "BasicGuider", "inputs": {"model": ["3", 0], "conditioning": ["5", 0]}},
        "7": {"class_type": "RandomNoise", "inputs": {"noise_seed": 11}},
        "8": {"class_type": "BasicScheduler",
              "inputs": {"model": ["3", 0], "scheduler": "simple", "steps": 8, "denoise": 1}},
        "9": {"class_type": "DualCLIPLoader", "inputs": {"clip_name1": "l", "clip_name2": "t5", "type": "flux"}},
        "10": {"class_type": "EmptySD3LatentImage", "inputs": {"width": 640, "height": 480, "batch_size": 2}},
        "11": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "heun"}},
        "12": {"class_type": "SamplerCustomAdvanced", "inputs": {
            "noise": ["7", 0], "guider": ["6", 0], "sampler": ["11", 0], "sigmas": ["8", 0],
            "latent_image": ["10", 0]}},
    }  # fmt: skip
    found = recall(json.dumps(graph).encode(), local_catalog())
    assert found.source == "json"
    assert found.settings == {
        "prompt.positive": "hello",
        "sampler.seed": 11,
        "sampler.steps": 8,
        "sampler.guidance": 3.5,
        "sampler.name": "heun",
        "sampler.scheduler": "simple",
        "sampler.denoise": 1,
        "model.main": "flux.safetensors",
        "model.text_encoder": "l",
        "batch.count": 2,
        "size.width": 640,
        "size.height": 480,
        "lora.list": [{"name": "a", "strength": 0.7}, {"name": "b", "strength": 0.2}],
    }


@pytest.mark.parametrize(
    "data",
    [png(parameters=INFOTEXT), in_exif("jpeg", INFOTEXT), in_exif("webp", INFOTEXT), INFOTEXT.encode()],
    ids=["png", "jpeg", "webp", "text"],
)
def test_the_text_of_web_uis_is_read_wherever_it_stands(data):
    found = recall(data)
    assert found.kind == "settings"
    assert found.infotext == INFOTEXT
    assert found.settings == {
        "prompt.positive": "a red apple",
        "prompt.negative": "blurry",
        "sampler.steps": 20,
        "sampler.cfg": 7.5,
        "sampler.seed": 42,
        "sampler.denoise": 0.4,
        "sampler.name": "dpmpp_2m",
        "sampler.scheduler": "karras",
        "size.width": 512,
        "size.height": 768,
        "model.main": "good_v1",
        "lora.list": [{"name": "shiny", "strength": 0.5}],
    }


def test_invokeai():
    said = {
        "positive_prompt": "a fox", "negative_prompt": "", "width": 768, "height": 512, "seed": 3, "steps": 30,
        "cfg_scale": 5, "scheduler": "dpmpp_2m_k", "model": {"name": "Dream", "base": "sd-1"},
        "loras": [{"model": {"name": "ink"}, "weight": 0.75}], "strength": 0.6,
    }  # fmt: skip
    found = recall(png(invokeai_metadata=json.dumps(said)))
    assert found.source == "png/invokeai"
    assert found.settings["prompt.positive"] == "a fox"
    assert (found.settings["sampler.name"], found.settings["sampler.scheduler"]) == ("dpmpp_2m", "karras")
    assert found.settings["model.main"] == "Dream"
    assert found.settings["lora.list"] == [{"name": "ink", "strength": 0.75}]
    older = {"model_weights": "sd-1.4", "image": {"prompt": [{"prompt": "an owl", "weight": 1}], "steps": 9,
             "cfg_scale": 7.5, "seed": 1, "sampler": "k_lms", "width": 512, "height": 512}}  # fmt: skip
    found = recall(png(sd_metadata=json.dumps(older)))
    assert found.settings["prompt.positive"] == "an owl"
    assert found.settings["sampler.name"] == "lms"


def test_swarmui():
    said = {"sui_image_params": {"prompt": "a ship", "negativeprompt": "fog", "model": "OfficialStableDiffusion/xl",
            "seed": 5, "steps": 24, "cfgscale": 6.5, "width": 1024, "height": 832, "sampler": "dpmpp_2m",
            "scheduler": "karras", "loras": ["one", "two"], "loraweights": ["0.5", "1"]}}  # fmt: skip
    for data in (png(parameters=json.dumps(said)), in_exif("jpeg", json.dumps(said))):
        found = recall(data)
        assert found.source.endswith("/swarmui")
        assert found.settings["sampler.cfg"] == 6.5
        assert found.settings["lora.list"] == [{"name": "one", "strength": 0.5}, {"name": "two", "strength": 1}]


def test_novelai():
    said = {"prompt": "1girl", "uc": "lowres", "steps": 28, "scale": 5.0, "seed": 9, "sampler": "k_euler_ancestral",
            "width": 832, "height": 1216, "noise_schedule": "karras"}  # fmt: skip
    found = recall(png(Software="NovelAI", Description="1girl", Comment=json.dumps(said)))
    assert found.source == "png/novelai"
    assert found.settings["sampler.name"] == "euler_ancestral"
    assert found.settings["sampler.scheduler"] == "karras"
    assert found.settings["prompt.negative"] == "lowres"


def test_json_files_and_bodies():
    assert recall(json.dumps(UI).encode()).kind == "workflow"
    assert recall(json.dumps(API).encode()).kind == "prompt"
    body = {"prompt": API, "extra_data": {"extra_pnginfo": {"workflow": UI}}}
    assert recall(json.dumps(body).encode()).workflow == UI
    assert recall(json.dumps({"prompt": UI}).encode()).workflow == UI


def header(metadata):
    text = json.dumps({"__metadata__": metadata}).encode()
    return struct.pack("<Q", len(text)) + text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\xff\xff\xff\xfftEXt",
        b"fLaC\xff\xff\xff",
        b"RIFF\0\0\0\0WEBPEXIF\xff\xff\xff\x7f",
        b"\0\0\0\x18ftypmp42" + b"\xff" * 40,
        b"a fine day",
        b"{" * 5000,
        b"[1, 2]",
        b'{"a": 1}',
        b'{"nodes": 3}',
        b'{"1": {"class_type": 3, "inputs": 5}}',
        b"\xff\xfe\0broken",
        header({"ss_tag": "x"}),
        png(parameters="just a title"),
        png(prompt="{", workflow="[]"),
        png(prompt='{"1": "x"}', invokeai_metadata="[]", Comment='{"uc": [], "scale": {}, "sampler": 3}'),
    ],
)
def test_nothing_is_ever_too_odd(data):
    assert recall(data).kind in ("nothing", "prompt", "workflow")


@pytest.mark.parametrize("text", ["<lora:" + "a" * 90_000, "<lora:a:" + "9" * 90_000, "<lora:a" * 9_000])
def test_loras_without_an_end_are_read_in_one_go(text):
    assert "lora.list" not in recall(f"{text}\nSteps: 4, Sampler: Euler, Seed: 1".encode()).settings


@pytest.mark.parametrize(
    "data",
    [
        png(invokeai_metadata='{"app_version": "5", "positive_prompt": "a \\ud800", "seed": 1, "steps": 1}'),
        png(parameters='"x \\ud800"', prompt='{"1": {"class_type": "\\ud800", "inputs": {}}}'),
        png(Comment='{"prompt": "\\ud800", "uc": "", "seed": 1, "steps": 3}'),
        b'x\nSteps: 4, Sampler: Euler, Seed: 1, Model: "\\ud800"',
    ],
)
def test_halves_of_letters_do_not_come_through(data):
    found = recall(data)
    msgspec.json.encode([found.settings, found.prompt, found.infotext])


def test_files_that_are_gone_say_nothing(tmp_path):
    found = recall_file(tmp_path / "gone.png")
    assert found.kind == "nothing"
    assert found.note


def test_models_are_called_as_they_are_here(tmp_path):
    files = {
        "checkpoints": [
            ModelFile("sd/good_v1.safetensors", tmp_path),
            ModelFile("b.ckpt", tmp_path, "0a1b" + "c" * 60),
        ],
        "loras": [ModelFile("art/shiny.safetensors", tmp_path)],
    }
    said = {"model.main": "good_v1", "lora.list": [{"name": "shiny", "strength": 0.5}], "model.vae": "none here"}
    assert with_known_models(said, files) == {
        "model.main": "sd/good_v1.safetensors",
        "lora.list": [{"name": "art/shiny.safetensors", "strength": 0.5}],
        "model.vae": "none here",
    }
    assert with_known_models({"model.main": "other"}, files, "0a1bcc")["model.main"] == "b.ckpt"
