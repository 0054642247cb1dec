"""Settings of A1111's requests that change the walk, the noise or the network."""

import dataclasses
from pathlib import Path

import pytest

import limner.nodes
from limner.dialects.a1111.graph import Canvas
from limner.dialects.a1111.known import Known
from limner.dialects.a1111.models import ModelFile
from limner.dialects.a1111.plan import plan
from limner.dialects.a1111.request import read_drawing
from limner.graph.declare import NodeDefinition
from limner.graph.discovery import discover

BASE = ModelFile("base.ckpt", Path("/base.ckpt"))


def nodes(options=None, *, from_picture=False, begun="", **body):
    known = Known(
        checkpoint=BASE,
        checkpoints=[BASE],
        lists=lambda kind: {"vae": ["flux/ae.safetensors"]}.get(kind, []),
        samplers=["euler", "restart"],
        schedules=["normal", "karras", "align_your_steps"],
        options=options or {},
        styles=[],
    )
    if from_picture:
        body["init_images"] = ["x"]
    drawing = plan(read_drawing({"seed": 5, **body}, from_picture=from_picture), known).drawing
    canvas = Canvas(origins=("a.png",)) if from_picture else None
    return dataclasses.replace(drawing, canvas=canvas, begun=begun).graph().nodes


def test_steps_take_on_noise():
    found = nodes(s_churn=3.0, s_tmin=0.1, s_tmax=0, s_noise=1.01)["first sampler"]
    assert found.type == "SamplerChurned"
    assert found.inputs == {"sampler_name": "euler", "s_churn": 3.0, "s_tmin": 0.1, "s_tmax": 0.0, "s_noise": 1.01}
    assert nodes({"s_churn": 2.0})["first sampler"].inputs["s_churn"] == 2.0
    assert nodes(s_churn=3.0, sampler_name="Restart")["first sampler"].type == "KSamplerSelect"


def test_noise_of_another_strength_and_of_other_seeds_on_the_way():
    found = nodes(from_picture=True, initial_noise_multiplier=1.2)["noise 1"]
    assert (found.type, found.inputs["seed"], found.inputs["multiplier"]) == ("VariationNoise", 5, 1.2)
    assert nodes(initial_noise_multiplier=1.2)["noise 1"].type == "RandomNoise"
    assert nodes({"eta_noise_seed_delta": 31337})["noise 1"].inputs["walk_seed_offset"] == 31337


@pytest.mark.parametrize(
    ("options", "from_picture", "ratio"),
    [
        ({"token_merging_ratio": 0.5}, False, 0.5),
        ({"token_merging_ratio": 0.5, "token_merging_ratio_img2img": 0.2}, True, 0.2),
        ({"token_merging_ratio_img2img": 0.2}, False, None),
    ],
)
def test_elements_are_merged(options, from_picture, ratio):
    found = nodes(options, from_picture=from_picture).get("first merging")
    assert (found.inputs["ratio"] if found else None) == ratio


@pytest.mark.parametrize("named", ["ae.safetensors", "/models/VAE/flux/ae.safetensors", "C:\\x\\flux\\AE.safetensors"])
def test_autoencoders_among_modules_count(named):
    found = nodes({"forge_additional_modules": ["clip_l.safetensors", named], "sd_vae": "none such"})
    assert found["first vae"].inputs["vae_name"] == "flux/ae.safetensors"
    second = nodes(enable_hr=True, hr_additional_modules=[named], denoising_strength=0.5)
    assert ("first vae" in second, second["second vae"].inputs["vae_name"]) == (False, "flux/ae.safetensors")


def test_the_second_pass_has_guidance_of_its_own():
    found = nodes(enable_hr=True, distilled_cfg_scale=2.5, hr_distilled_cfg=4.5)
    assert [found[f"{name} distilled"].inputs["guidance"] for name in ("first", "second")] == [2.5, 4.5]


def test_a_picture_may_stand_for_the_first_pass():
    found = nodes(enable_hr=True, begun="a.png", batch_size=2)
    assert "walk 1 first" not in found
    assert found["larger 2"].inputs["samples"].source == "begun encoded"


def test_more_samplers_and_schedules():
    found = nodes(sampler_name="Restart", scheduler="Align Your Steps")
    assert found["first sigmas"].inputs["scheduler"] == "align_your_steps"
    assert nodes(sampler_name="restart")["first sigmas"].inputs["scheduler"] == "karras"


def test_every_node_is_told_what_it_needs():
    every = nodes(
        {"token_merging_ratio": 0.1}, s_churn=1.0, initial_noise_multiplier=1.1, from_picture=True, tiling=True
    )
    known = discover(limner.nodes, NodeDefinition, lambda found: found.type.name)
    for node in every.values():
        assert set(node.inputs) <= {entry.name for entry in known[node.type].type.inputs}
