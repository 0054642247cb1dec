"""The families against the tensor tables of the original layouts, and our key maps against diffusers' converter."""

import gzip
import json
from pathlib import Path

import pytest
import torch
from diffusers.loaders.single_file_utils import convert_ldm_unet_checkpoint

from limner.models.load.layout import Layout
from limner.models.parts.unet import PREFIX, read_unet, unet_configuration
from limner.models.parts.unet_keys import unet_keys
from limner.models.registry import load_families
from limner.models.text.files import text_in
from limner.models.text.registry import load_recipes, load_text_kinds, recipe_for
from limner.sampling.parametrization import EpsParametrization, VelocityParametrization

FAMILIES = {"sd15": "sd1", "sd21": "sd2", "sdxl": "sdxl", "sdxl_refiner": "sdxl_refiner"}


@pytest.fixture(scope="module")
def tables():
    with gzip.open(Path(__file__).with_name("layouts.json.gz")) as file:
        stored = json.load(file)
    return {name: Layout({key: tuple(shape) for key, shape in table.items()}) for name, table in stored.items()}


def changed(layout, shapes=(), metadata=(), drop=()):
    kept = {name: shape for name, shape in layout.shapes.items() if name not in drop}
    return Layout({**kept, **dict(shapes)}, dict(metadata))


def recognised(layout):
    return [name for name, family in load_families().items() if family.recognise(layout)]


@pytest.mark.parametrize(("table", "family"), FAMILIES.items())
def test_each_layout_is_of_one_family(tables, table, family):
    assert recognised(tables[table]) == [family]


def test_other_kinds_are_left_alone(tables):
    assert recognised(tables["flux_vae"]) == []


@pytest.mark.parametrize(("table", "family"), FAMILIES.items())
def test_network_has_exactly_the_tensors_of_the_file(tables, table, family):
    layout = tables[table]
    blueprint = load_families()[family].network(layout)
    with torch.device("meta"):
        network = blueprint.build()
    wanted = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
    assert wanted == {name: layout.shape(source.names[0]) for name, source in blueprint.keys.items()}
    assert {source.names[0] for source in blueprint.keys.values()} == set(layout.shapes)


@pytest.mark.parametrize("table", FAMILIES)
def test_key_map_equals_that_of_diffusers(tables, table):
    layout = tables[table]
    configuration = unet_configuration(read_unet(layout), heads=lambda channels: 8)
    # The converter only moves values, so names can stand for tensors.
    theirs = convert_ldm_unet_checkpoint({name: name for name in layout}, configuration)
    ours = {target: PREFIX + name for target, name in unet_keys(layout.under(PREFIX)).items()}
    assert ours == theirs


def test_diffusers_layout_of_a_network_is_recognised_too(tables):
    layout = tables["sdxl"].under(PREFIX)
    renamed = Layout({target: layout.shape(name) for target, name in unet_keys(layout).items()})
    assert recognised(renamed) == ["sdxl"]
    assert load_families()["sdxl"].network(renamed).facts == load_families()["sdxl"].network(tables["sdxl"]).facts


@pytest.mark.parametrize("channels", [8, 9])
def test_inpainting_and_editing_networks_keep_their_family(tables, channels):
    first = PREFIX + "input_blocks.0.0.weight"
    layout = changed(tables["sd15"], {first: (320, channels, 3, 3)})
    assert recognised(layout) == ["sd1"]
    assert load_families()["sd1"].network(layout).facts["in_channels"] == channels


def test_video_networks_are_left_alone(tables):
    layout = changed(tables["sd15"], {PREFIX + "input_blocks.1.0.time_stack.in_layers.0.weight": (320,)})
    assert recognised(layout) == []


def test_velocity_or_noise(tables):
    families = load_families()
    first = PREFIX + "input_blocks.0.0.weight"

    def kind(family, layout):
        return type(families[family].parametrization(layout))

    assert kind("sd1", tables["sd15"]) is EpsParametrization
    assert kind("sd2", tables["sd21"]) is VelocityParametrization
    inpainting = changed(tables["sd21"], {first: (320, 9, 3, 3)})
    assert kind("sd2", inpainting) is EpsParametrization
    stated = changed(tables["sd21"], metadata={"modelspec.prediction_type": "epsilon"})
    assert kind("sd2", stated) is EpsParametrization
    assert kind("sdxl", tables["sdxl"]) is EpsParametrization
    assert kind("sdxl", changed(tables["sdxl"], {"v_pred": (0,)})) is VelocityParametrization


def transformers_text(prefix, width, layers):
    sides = {"self_attn.q_proj": (width, width), "mlp.fc1": (4 * width, width), "layer_norm1": (width,)}
    shapes = {
        f"{prefix}text_model.embeddings.token_embedding.weight": (49408, width),
        f"{prefix}text_model.embeddings.position_embedding.weight": (77, width),
        f"{prefix}text_model.final_layer_norm.weight": (width,),
    }
    for layer in range(layers):
        shapes |= {f"{prefix}text_model.encoder.layers.{layer}.{n}.weight": side for n, side in sides.items()}
    return shapes


def open_clip_text(prefix, width, layers):
    shapes = {
        f"{prefix}token_embedding.weight": (49408, width),
        f"{prefix}positional_embedding": (77, width),
        f"{prefix}ln_final.weight": (width,),
        f"{prefix}text_projection": (width, width),
    }
    for layer in range(layers):
        block = f"{prefix}transformer.resblocks.{layer}."
        shapes |= {f"{block}ln_1.weight": (width,), f"{block}attn.in_proj_weight": (3 * width, width)}
        shapes |= {f"{block}mlp.c_fc.weight": (4 * width, width)}
    return shapes


@pytest.mark.parametrize(
    ("table", "text", "expected"),
    [
        ("sd15", transformers_text("cond_stage_model.transformer.", 768, 12), ["clip_l"]),
        ("sd21", open_clip_text("cond_stage_model.model.", 1024, 24), ["clip_h"]),
        (
            "sdxl",
            transformers_text("conditioner.embedders.0.transformer.", 768, 12)
            | open_clip_text("conditioner.embedders.1.model.", 1280, 32),
            ["clip_l", "clip_g"],
        ),
        ("sdxl_refiner", open_clip_text("conditioner.embedders.0.model.", 1280, 32), ["clip_g"]),
    ],
)
def test_text_encoders_of_a_checkpoint(tables, table, text, expected):
    layout = changed(tables[table], text)
    (name,) = recognised(layout)
    kinds, family = load_text_kinds(), load_families()[name]
    found = text_in(layout, kinds, family.text_places)
    recipe, slots = recipe_for(found, name, load_recipes())
    assert (recipe.name, list(slots)) == (name, expected)
    facts = [slots[slot].blueprint(slot, ()).facts for slot in expected]
    activations = {"clip_l": ("quick_gelu", 12), "clip_h": ("gelu", 24), "clip_g": ("gelu", 32)}
    assert [(of["activation"], of["layers"]) for of in facts] == [activations[slot] for slot in expected]
    assert text_in(tables[table], kinds, family.text_places) == []
