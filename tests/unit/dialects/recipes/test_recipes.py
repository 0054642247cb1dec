"""Recipes: graphs that the check has nothing against, for every family and task, and roles that are where they say."""

import itertools

import pytest

from limner.app.catalogue import local_catalog
from limner.dialects.recall.graph_settings import graph_settings
from limner.dialects.recipes import tasks
from limner.dialects.recipes.family_settings import family_settings
from limner.dialects.recipes.family_settings_keys import FAMILIES
from limner.dialects.recipes.listing import default_name, drawing_model, model_json
from limner.dialects.recipes.recipe import CHECKPOINTS, NETWORKS, Recipe, Wanted
from limner.graph.api_document import from_document
from limner.graph.check import check
from limner.graph.discovery import discover
from limner.storage.builtin import BUILTIN_CHECKPOINT
from limner.storage.family_marks import Seen

RECIPES = discover(tasks, Recipe, lambda recipe: recipe.task)
VALUES = {
    "prompt.positive": "a cat",
    "image.init": "o.png",
    "image.mask": "m.png",
    "upscale.model": "4x.pth",
    "sampler.seed": 7,
    "lora.list": [{"name": "a.safetensors", "strength": 0.5}, {"name": "b.safetensors"}],
}
FILES = {
    "checkpoints": [BUILTIN_CHECKPOINT, "one.safetensors"],
    "diffusion_models": ["one.safetensors"],
    "loras": ["a.safetensors", "b.safetensors"],
    "upscale_models": ["4x.pth"],
    "input pictures": ["o.png", "m.png"],
    "text_encoders": ["clip_l.safetensors", "clip-g.safetensors", "t5xxl_fp8.safetensors", "mistral_3.safetensors",
                      "qwen_2.5_vl_7b.safetensors", "qwen_3_4b.safetensors", "gemma_2_2b.safetensors",
                      "llama_3.1.safetensors", "byt5_small.safetensors", "chatglm3.safetensors"],
    "vae": ["ae.safetensors", "flux2-vae.safetensors", "qwen_image_vae.safetensors", "sdxl_vae.safetensors",
            "sd3_vae.safetensors", "ema_vae.safetensors", "hunyuan_image_2.1_vae.safetensors"],
}  # fmt: skip


@pytest.fixture(scope="module")
def catalog():
    return local_catalog()


def model(family, kind=CHECKPOINTS, name="one.safetensors", variant=""):
    return drawing_model(name, kind, Seen(family, variant), FILES["text_encoders"], FILES["vae"])


@pytest.mark.parametrize("kind", [CHECKPOINTS, NETWORKS])
def test_the_check_has_nothing_against_any_graph(catalog, kind):
    for (family, recipe), variant in itertools.product(
        itertools.product(FAMILIES, RECIPES.values()), ("", "inpainting", "instructions")
    ):
        drawing = model(family, kind, variant=variant)
        if drawing is None or not recipe.suits(drawing):
            continue
        assert not drawing.missing, (family, drawing.missing)
        document = recipe.draft(Wanted(drawing, VALUES)).document()
        checked = check(from_document(document), catalog, lambda name: FILES.get(name, []))
        assert checked.problem is None and not checked.problems, (family, recipe.task, checked)


def test_families_are_known_and_their_samplers_too(catalog):
    assert set(FAMILIES) <= {named.name for named in catalog.families}
    for family in FAMILIES:
        for name in ("one", "turbo", "lightning", "lcm", "schnell", "fast", "klein"):
            settings = family_settings(family, name)
            assert settings.sampler in {named.name for named in catalog.samplers}
            assert settings.schedule in {named.name for named in catalog.schedules}


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_roles_are_where_they_say_and_hold_what_was_said(recipe):
    draft = recipe.draft(Wanted(model("flux", name="kontext.safetensors"), VALUES))
    document = draft.document()
    assert [node["class_type"] for node in document.values()].count("KSampler") == 1
    assert all(node["_meta"]["title"] for node in document.values())
    for role, places in draft.roles.items():
        for place in places:
            assert place["widget"] in document[place["node"]]["inputs"]
            if role in VALUES and role != "lora.list":
                assert document[place["node"]]["inputs"][place["widget"]] == VALUES[role]
    assert {"prompt.positive", "model.main", "sampler.seed", "output"} <= draft.roles.keys()
    assert len(draft.roles["lora.list"]) == 2


def test_without_a_mask_the_transparent_part_counts():
    document = RECIPES["inpaint"].draft(Wanted(model("sd1"), {"image.init": "o.png"})).document()
    assert not [node for node in document.values() if node["class_type"] == "LoadImageMask"]


def test_the_builtin_model_is_what_one_begins_with():
    models = [model("sdxl"), model("sd1", name=BUILTIN_CHECKPOINT)]
    assert default_name(models, "") == BUILTIN_CHECKPOINT
    assert default_name(models, "one") == "one.safetensors"
    told = model_json(models[1], RECIPES)
    assert told["builtin"] and told["defaults"]["width"] == 128
    assert "edit" not in told["tasks"] and told["prompt"]


def test_what_is_missing_beside_a_network_is_said():
    drawing = drawing_model(
        "flux1.safetensors", NETWORKS, Seen("flux"), ["clip_l.safetensors"], ["sdxl_vae.safetensors"]
    )
    assert drawing.missing == ("t5xxl", "ae (VAE)")


def test_files_that_draw_nothing_are_left_out():
    assert model("svd") is None
    assert drawing_model("odd.safetensors", CHECKPOINTS, Seen()) is None
    assert drawing_model("old.ckpt", CHECKPOINTS, None) is not None
    assert drawing_model("old.pth", NETWORKS, None) is None


def test_a_second_pass_is_larger_and_only_where_it_is_asked_for(catalog):
    values = VALUES | {"refine.factor": 2.0, "refine.strength": 0.3, "refine.steps": 9, "refine.model": "4x.pth"}
    draft = RECIPES["text"].draft(Wanted(model("sdxl"), values))
    checked = check(from_document(draft.document()), catalog, lambda name: FILES.get(name, []))
    assert checked.problem is None and not checked.problems
    assert len(draft.roles["sampler.name"]) == 2 and len(draft.roles["sampler.seed"]) == 1
    told = graph_settings(from_document(draft.document()), catalog)
    assert {role: told[role] for role in values if role.startswith("refine.")} == {
        "refine.factor": 2.0, "refine.strength": 0.3, "refine.steps": 9, "refine.model": "4x.pth",
    }  # fmt: skip
    assert (told["sampler.seed"], told["sampler.steps"], told["sampler.denoise"]) == (7, 25, 1.0)


def test_several_pictures_are_shown_where_the_model_looks_at_them(catalog):
    values = VALUES | {"image.reference": ["m.png", "o.png"]}
    kontext = model("flux2")
    draft = RECIPES["edit"].draft(Wanted(kontext, values))
    checked = check(from_document(draft.document()), catalog, lambda name: FILES.get(name, []))
    assert checked.problem is None and not checked.problems
    document = draft.document()
    shown = [document[place["node"]]["inputs"]["image"] for place in draft.roles["image.reference"]]
    assert shown == ["m.png", "o.png"]
    assert [node["class_type"] for node in document.values()].count("ReferenceLatent") == 3
    assert model_json(kontext, RECIPES)["references"] and not model_json(model("sdxl"), RECIPES)["references"]


@pytest.mark.parametrize("form", ["jpeg", "webp", "png", "odd"])
def test_pictures_are_saved_as_asked(catalog, form):
    draft = RECIPES["text"].draft(Wanted(model("sd1"), VALUES | {"output.format": form, "output.quality": 80}))
    checked = check(from_document(draft.document()), catalog, lambda name: FILES.get(name, []))
    assert checked.problem is None and not checked.problems
    saved = next(node["inputs"] for node in draft.document().values() if node["class_type"].startswith("SaveImage"))
    assert (saved.get("format"), saved.get("quality")) == ((form, 80) if form in ("jpeg", "webp") else (None, None))
