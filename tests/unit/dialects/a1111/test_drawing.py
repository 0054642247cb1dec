"""What A1111's drawing requests mean, and the graphs that come of them."""

import json
from pathlib import Path

import pytest

from limner.dialects.a1111.answer import Told, extra_settings
from limner.dialects.a1111.errors import refusal_of
from limner.dialects.a1111.extra_networks import Adapter, adapter_file, taken_out
from limner.dialects.a1111.graph import walks
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.models import ModelFile
from limner.dialects.a1111.placing import around, covering, fitting
from limner.dialects.a1111.plan import plan
from limner.dialects.a1111.reply import drawing_reply
from limner.dialects.a1111.request import read_drawing
from limner.dialects.a1111.steps import Steps, from_picture, second_pass, switch_step
from limner.dialects.a1111.styles import Style
from limner.graph.errors import GraphError

FILES = {
    "loras": ["styles/Shiny.safetensors"],
    "hypernetworks": ["old.pt"],
    "vae": ["better.pt"],
    "upscale_models": ["4x.pth"],
}
BASE, REFINER = (ModelFile(f"{name}.safetensors", Path(f"/{name}.safetensors")) for name in ("base", "refiner"))


def known(**options):
    return Known(
        checkpoint=BASE,
        checkpoints=[BASE, REFINER],
        lists=lambda kind: FILES.get(kind, []),
        samplers=["euler", "dpmpp_2m"],
        schedules=["normal", "karras"],
        options=options,
        styles=[Style("film", "{prompt}, grain", "digital")],
    )


def planned(options=None, **body):
    asked = read_drawing({"seed": 5, **body}, from_picture=False)
    return asked, plan(asked, known(**(options or {})))


def nodes(**body):
    return planned(**body)[1].drawing.graph().nodes


def refused(body, *, from_picture=False):
    with pytest.raises(GraphError) as raised:
        plan(read_drawing(body, from_picture=from_picture), known())
    return refusal_of(raised.value)


def test_null_is_not_given_and_unknown_fields_are_ignored():
    asked = read_drawing({"steps": None, "cfg_scale": None, "seed": None, "lora": "x"}, from_picture=False)
    assert (asked["steps"], asked["cfg_scale"], asked.sampler, asked.size) == (50, 7.0, "Euler", (512, 512))
    assert 0 <= asked.seed < 2**32 - 1
    assert "lora" not in asked.fields


def test_numbers_may_be_texts():
    assert read_drawing({"steps": "12", "enable_hr": "true"}, from_picture=False)["steps"] == 12


def test_the_text_of_a_picture_fills_what_is_not_given():
    text = "a cat\nNegative prompt: dog\nSteps: 9, Sampler: DPM++ 2M, CFG scale: 5, Seed: 7, Size: 64x96"
    asked = read_drawing({"infotext": text, "steps": 3, "seed": None}, from_picture=False)
    assert (asked["prompt"], asked["negative_prompt"], asked["steps"], asked.seed) == ("a cat", "dog", 3, 7)
    assert (asked.sampler, asked["cfg_scale"], asked.size) == ("DPM++ 2M", 5.0, (64, 96))


def test_the_text_of_a_picture_says_more_than_fields():
    text = (
        "a cat\nSteps: 9, Sampler: Euler, CFG scale: 5, Seed: 7, Size: 64x96, Model hash: 0123456789, Model: base, "
        "VAE: better.pt, Denoising strength: 0.4, Clip skip: 2, Hires resize: 128x192, Hires steps: 3, "
        'Hires upscaler: Latent, Hires prompt: "a dog, wet", Tiling: True, Version: x'
    )
    asked = read_drawing({"infotext": text, "override_settings": {"sd_vae": "None"}}, from_picture=False)
    assert (asked.hires, asked.target, asked["hr_second_pass_steps"]) == (True, (128, 192), 3)
    assert (asked["hr_prompt"], asked["tiling"], asked.other("hr_sampler_name")) == ("a dog, wet", True, None)
    expected = {"sd_model_checkpoint": "0123456789", "sd_vae": "None", "CLIP_stop_at_last_layers": 2}
    assert asked["override_settings"] == expected
    assert not read_drawing({"infotext": text.partition("Denoising")[0]}, from_picture=False).hires


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"steps": 0}, "steps"),
        ({"steps": 2.5}, "steps"),
        ({"width": "wide"}, "width"),
        ({"prompt": 3}, "prompt"),
        ({"n_iter": 65}, "n_iter"),
        ({"width": 8192, "height": 8192, "batch_size": 2}, "width"),
        ({"cfg_scale": float("nan")}, "cfg_scale"),
        ({"styles": "film"}, "styles"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(body, place):
    status, told = refused(body)
    assert (status, told["detail"][0]["loc"]) == (422, ["body", place])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"sampler_name": "none such"}, 404),
        ({"prompt": "<lora:none such:1>"}, 404),
        ({"refiner_checkpoint": "none such"}, 404),
        ({"enable_hr": True, "hr_upscaler": "none such"}, 422),
    ],
)
def test_what_is_not_there_is_told(body, status):
    assert refused(body)[0] == status


def test_pictures_are_needed_for_pictures_from_pictures():
    assert refused({}, from_picture=True)[0] == 404
    assert refused({"init_images": ["a", "b", "c"], "batch_size": 2}, from_picture=True)[0] == 422
    assert refused({"init_images": ["a", "b"]}, from_picture=True)[0] == 422


def test_seeds_run_on_unless_they_are_varied():
    plain = read_drawing({"seed": 5, "subseed": 7, "batch_size": 2, "n_iter": 2}, from_picture=False)
    varied = read_drawing({**plain.fields, "subseed_strength": 0.5}, from_picture=False)
    assert (plain.seeds, plain.subseeds) == ([5, 6, 7, 8], [7, 8, 9, 10])
    assert (varied.seeds, varied.subseeds) == ([5] * 4, [7, 8, 9, 10])


@pytest.mark.parametrize(
    ("body", "first", "second"),
    [
        ({}, (512, 768), (1024, 1536)),
        ({"hr_resize_x": 768}, (512, 768), (768, 1152)),
        ({"hr_resize_x": 700, "hr_resize_y": 800}, (512, 768), (700, 800)),
        ({"firstphase_width": 256, "firstphase_height": 384}, (256, 384), (512, 768)),
    ],
)
def test_sizes_of_the_second_pass(body, first, second):
    asked = read_drawing({"enable_hr": True, "width": 512, "height": 768, **body}, from_picture=False)
    assert (asked.size, asked.target) == (first, second)


def test_steps_of_walks_that_begin_with_a_picture():
    assert from_picture(20, 0.75) == Steps(20, 4)
    assert from_picture(20, 1.0) == Steps(20, 0)
    assert from_picture(20, 0.5, exactly=True) == Steps(40, 20)
    assert second_pass(20, 0.3).taken == 20
    assert (switch_step(Steps(20, 4), 0.5), switch_step(Steps(20), None)) == (12, None)


def test_tags_are_taken_out_of_prompts():
    text, adapters = taken_out("a <lora:shiny:0.5:0.2> cat <hypernet:old> <lora:b:te=0.1:unet=0.9> <other:x>")
    assert text == "a  cat   <other:x>"
    assert adapters == (
        Adapter("loras", "shiny", 0.5, 0.2),
        Adapter("hypernetworks", "old", 1.0, 1.0),
        Adapter("loras", "b", 0.9, 0.1),
    )
    assert adapter_file(adapters[0], FILES["loras"]) == "styles/Shiny.safetensors"


def test_adapters_lie_between_the_checkpoint_and_its_use():
    found = nodes(prompt="<lora:Shiny:0.5>, a cat <hypernet:old:0.3>")
    assert found["first adapter 1"].inputs["strength_clip"] == 0.5
    assert found["first adapter 2"].inputs["model"].source == "first adapter 1"
    assert found["first guider 1"].inputs["model"].source == "first adapter 2"
    assert found["first positive"].inputs["text"] == ", a cat "
    assert "first adapter 1" not in nodes(prompt="<lora:Shiny:0.5>", disable_extra_networks=True)


def test_options_choose_autoencoder_and_layer():
    _, found = planned({"sd_vae": "better", "CLIP_stop_at_last_layers": 2})
    inputs = found.drawing.graph().nodes
    assert inputs["first vae"].inputs["vae_name"] == "better.pt"
    assert inputs["first layer"].inputs["stop_at_clip_layer"] == -2


def test_styles_join_prompts_and_are_told():
    asked, found = planned(prompt="a cat", negative_prompt="blurry", styles=["film", "none such"])
    told = json.loads(drawing_reply([Told(asked=asked, planned=found, extra={})], [])["info"])
    assert (told["prompt"], told["negative_prompt"]) == ("a cat, grain", "blurry, digital")


def test_a_second_pass_with_another_prompt_and_an_upscaler():
    told = {"enable_hr": True, "hr_upscaler": "4x", "hr_prompt": "a dog", "hr_sampler_name": "DPM++ 2M", "steps": 10}
    found = nodes(prompt="a cat", denoising_strength=0.5, **told)
    assert found["upscaler"].inputs["model_name"] == "4x.pth"
    assert found["second positive"].inputs["text"] == "a dog"
    assert found["second sampler"].inputs["sampler_name"] == "dpmpp_2m"
    sigmas = found["second sigmas"].inputs
    assert (sigmas["steps"], sigmas["start_at_step"], sigmas["scheduler"]) == (20, 10, "karras")
    assert found["walk 1 second"].inputs["latent_image"].source == "larger 1"


def test_a_refiner_goes_on_without_new_noise():
    _, found = planned(refiner_checkpoint="refiner", refiner_switch_at=0.8, steps=10, batch_size=2)
    graph = found.drawing.graph()
    assert graph.nodes["walk 1 first refiner"].inputs["noise"].source == "first refiner noise"
    assert graph.nodes["first sigmas"].inputs["end_at_step"] == 8
    assert graph.nodes["first refiner sigmas"].inputs["start_at_step"] == 8
    assert walks(graph) == 4


def test_noise_on_the_way_is_set_where_a_sampler_has_some():
    assert nodes(sampler_name="Euler a", eta=1.0)["first sampler"].type == "KSamplerSelect"
    assert nodes(sampler_name="Euler", eta=0.5)["first sampler"].type == "KSamplerSelect"
    found = nodes(sampler_name="Euler a", eta=0.5)["first sampler"]
    assert (found.type, found.inputs) == ("SamplerEulerAncestral", {"eta": 0.5, "s_noise": 1.0})
    assert nodes(sampler_name="DPM++ 2M SDE Heun", s_noise=1.1)["first sampler"].inputs["solver_type"] == "heun"


def test_settings_are_written_in_their_order():
    body = {"enable_hr": True, "denoising_strength": 0.5, "steps": 4, "width": 64, "height": 64}
    asked, found = planned(prompt="a cat", **body)
    [text] = Told(asked=asked, planned=found, extra=extra_settings(asked, found)).texts
    assert text.startswith(
        "a cat\nSteps: 4, Sampler: Euler, Schedule type: Automatic, CFG scale: 7, Seed: 5, Size: 64x64"
    )
    assert "Denoising strength: 0.5, Hires upscale: 2, Hires upscaler: Latent, Version: " in text


def test_the_answer_repeats_the_request_without_its_pictures():
    body = {"init_images": ["data"], "mask": "data", "steps": 3}
    asked = read_drawing(body, from_picture=True)
    found = plan(asked, known())
    echo = drawing_reply([Told(asked=asked, planned=found, extra={})], [])["parameters"]
    assert (echo["steps"], echo["init_images"], echo["mask"]) == (3, None, None)


def test_rectangles():
    assert covering((200, 100), (64, 64)) == (50, 0, 150, 100)
    assert fitting((200, 100), (64, 64)) == (0, 16, 64, 48)
    assert around((90, 40, 110, 60), 10, (200, 100), (64, 64)) == (80, 30, 120, 70)
    assert around((0, 0, 10, 40), 0, (200, 100), (64, 64)) == (0, 0, 40, 40)
    assert around((0, 0, 200, 10), 0, (200, 100), (64, 64)) == (0, 0, 200, 100)


def test_a_prompt_of_the_length_of_a_book_is_refused():
    read_drawing({"prompt": "(" * 20_000}, from_picture=False)
    with pytest.raises(GraphError, match="'hr_prompt' has 20001 characters; at most 20000 are read"):
        read_drawing({"hr_prompt": "(" * 20_001}, from_picture=False)
