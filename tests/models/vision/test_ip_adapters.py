"""IP-Adapters of UNets against diffusers."""

import diffusers
import pytest
import torch
from safetensors.torch import save_file
from tests.models.control.test_unet_controls import tiny_unet
from tests.models.families.case import randomised
from tests.models.families.stable_diffusion import network as sd_network
from tests.models.vision.adapter_files import set_scales, unet_adapter, unet_with
from tests.models.vision.seeing import clip, drawn
from torch import nn

from limner.graph.errors import ModelFileError, NumericsError, StepError
from limner.models.library import ModelLibrary
from limner.models.patches.patch import patches_of, with_patch
from limner.models.vision.encoder import open_vision_encoder
from limner.models.vision.ip_adapter import open_ip_adapter
from limner.models.vision.picture_attention import PictureTokens
from limner.models.vision.picture_influence import BOTH, COMPOSITION, EVEN, FALLING, RISING, STYLE, Influence
from limner.nodes.ip_adapters import apply_ip_adapter
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider
from limner.storage.folders import Folders

TIMESTEP = torch.tensor([500.0])


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    root = tmp_path_factory.mktemp("adapters")
    models = root / "models"
    for kind in ("diffusion_models", "clip_vision", "ipadapter"):
        (models / kind).mkdir(parents=True)
    save_file(tiny_unet(), models / "diffusion_models" / "tiny.safetensors")
    save_file(randomised(sd_network("sdxl")).state_dict(), models / "diffusion_models" / "xl.safetensors")
    save_file(drawn(clip()).state_dict(), models / "clip_vision" / "clip.safetensors")
    folders = Folders.under(root, model_roots=(models,))
    library = ModelLibrary(folders)
    with library.diffusion_model("tiny.safetensors").network.lease() as unet:
        for kind in ("plain", "full", "plus"):
            save_file(unet_adapter(kind, unet), models / "ipadapter" / f"{kind}.safetensors")
        save_file(unet_adapter("plain", unet, seed=10), models / "ipadapter" / "other.safetensors")
    with library.diffusion_model("xl.safetensors").network.lease() as unet:
        save_file(unet_adapter("plain", unet), models / "ipadapter" / "xl.safetensors")
    return folders


@pytest.fixture
def library(folders):
    return ModelLibrary(folders)


@pytest.fixture
def encoder(library):
    return open_vision_encoder(library, "clip.safetensors")


@pytest.fixture
def picture():
    smooth = torch.rand(2, 3, 5, 7, generator=torch.Generator().manual_seed(2))
    return nn.functional.interpolate(smooth, size=(40, 56), mode="bilinear").movedim(1, -1)


def drawn_latent(side=8, width=64):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(1, 4, side, side, generator=generator), torch.randn(1, 77, width, generator=generator)


def ours(model, side=8, **entry):
    facts = model.network.blueprint.facts
    x, context = drawn_latent(side, facts["context"])
    return model.predict(x, TIMESTEP, model.inputs(entry, context, x))


def theirs(network, seen, side=8, masks=None, **added):
    x, context = drawn_latent(side, network.config.cross_attention_dim)
    kwargs = {"ip_adapter_masks": masks} if masks else None
    with torch.no_grad():
        return network(
            x, TIMESTEP, context, added_cond_kwargs={"image_embeds": seen, **added}, cross_attention_kwargs=kwargs
        ).sample


def far(one, other):
    return float((one - other).detach().abs().max())


@pytest.mark.parametrize("kind", ["plain", "full", "plus"])
def test_kinds(library, encoder, picture, kind):
    seen = encoder.encode(picture[:1])
    adapter = open_ip_adapter(library, f"{kind}.safetensors")
    model = library.diffusion_model("tiny.safetensors")
    patched = with_patch(model, adapter.attention(seen, Influence(0.6)))
    with model.network.lease() as unet:
        oracle = unet_with(unet, unet_adapter(kind, unet))
    set_scales(oracle, [0.6])
    assert far(ours(patched), theirs(oracle, [getattr(seen, adapter.states)[:, None]])) < 1e-4
    assert far(ours(patched), ours(model)) > 1e-3
    assert patched.key == with_patch(model, adapter.attention(seen, Influence(0.6))).key != model.key


def test_pictures_of_a_batch_are_seen_together(library, encoder, picture):
    seen = encoder.encode(picture)
    model = library.diffusion_model("tiny.safetensors")
    adapter = open_ip_adapter(library, "plain.safetensors")
    with model.network.lease() as unet:
        oracle = unet_with(unet, unet_adapter("plain", unet))
    wanted = theirs(oracle, [seen.image_embeds[None]])
    assert far(ours(with_patch(model, adapter.attention(seen, Influence()))), wanted) < 1e-4


def test_several_adapters_each_in_its_region(library, encoder, picture):
    """The sides of the masks lie between elements of all levels, so that every way to make them smaller is the same."""
    model = library.diffusion_model("tiny.safetensors")
    left = torch.zeros(128, 128)
    left[:, :64] = 1.0
    seen = [encoder.encode(picture[:1]), encoder.encode(picture[1:])]
    patched = model
    for name, shown, scale, mask in (("plain", seen[0], 0.7, left), ("other", seen[1], 1.2, 1 - left)):
        adapter = open_ip_adapter(library, f"{name}.safetensors")
        patched = with_patch(patched, adapter.attention(shown, Influence.of(scale, EVEN, (), mask)))
    with model.network.lease() as unet:
        oracle = unet_with(unet, unet_adapter("plain", unet), unet_adapter("plain", unet, seed=10))
    set_scales(oracle, [0.7, 1.2])
    masks = [left[None, None], 1 - left[None, None]]
    wanted = theirs(oracle, [shown.image_embeds[:, None] for shown in seen], 16, masks)
    assert far(ours(patched, 16), wanted) < 1e-4
    set_scales(oracle, [1.2, 0.7])
    assert far(ours(patched, 16), theirs(oracle, [s.image_embeds[:, None] for s in seen], 16, masks)) > 1e-3


def test_a_mask_of_ones_is_none(library, encoder, picture):
    model = library.diffusion_model("tiny.safetensors")
    adapter = open_ip_adapter(library, "plain.safetensors")
    seen = encoder.encode(picture[:1])
    whole = with_patch(model, adapter.attention(seen, Influence.of(1.0, EVEN, (), torch.ones(1, 30, 50))))
    assert far(ours(whole), ours(with_patch(model, adapter.attention(seen, Influence())))) < 1e-6
    assert whole.key != with_patch(model, adapter.attention(seen, Influence())).key


SCALES = {
    STYLE: {"up": {"block_0": [0.0, 1.0, 0.0]}},
    COMPOSITION: {"down": {"block_2": [0.0, 1.0]}},
    BOTH: {"down": {"block_2": [0.0, 1.0]}, "up": {"block_0": [0.0, 1.0, 0.0]}},
}
"""As diffusers' documentation has it for InstantStyle."""


@pytest.mark.parametrize("weighting", SCALES)
def test_style_and_composition_of_sdxl(library, encoder, picture, weighting):
    model = library.diffusion_model("xl.safetensors")
    adapter = open_ip_adapter(library, "xl.safetensors")
    seen = encoder.encode(picture[:1])
    pooled, sizes = torch.randn(1, 1280, generator=torch.Generator().manual_seed(3)), [64.0, 64, 0, 0, 64, 64]
    with model.network.lease() as unet:
        network = unet_with(unet, unet_adapter("plain", unet))
    pipe = diffusers.StableDiffusionXLPipeline(None, None, None, None, None, network, None)
    pipe.set_ip_adapter_scale(SCALES[weighting])
    told = {"text_embeds": pooled, "time_ids": torch.tensor([sizes])}
    wanted = theirs(pipe.unet, [seen.image_embeds[:, None]], **told)
    entry = {"pooled_output": pooled, "width": 64, "height": 64, "target_width": 64, "target_height": 64}
    patched = with_patch(model, adapter.attention(seen, Influence(1.0, weighting)))
    assert far(ours(patched, **entry), wanted) < 1e-4
    even = with_patch(model, adapter.attention(seen, Influence()))
    assert far(ours(even, **entry), wanted) > 1e-3


def test_weights_by_depth_and_by_hand():
    names = [
        "down_blocks.0.attentions.0.transformer_blocks.0.attn2",
        "up_blocks.1.attentions.0.attn2",
        "mid_block.attn2",
    ]
    assert Influence(2.0, RISING).factors(names) == [0.0, 2.0, 1.0]
    assert Influence(2.0, FALLING).factors(names) == [2.0, 0.0, 1.0]
    assert Influence(1.0, EVEN, (0.1, 0.2, 0.3)).factors(names) == [0.1, 0.3, 0.2]
    with pytest.raises(NumericsError, match="2 weights came for the 3 attentions"):
        Influence(1.0, EVEN, (0.1, 0.2)).factors(names)
    with pytest.raises(NumericsError, match="SDXL only"):
        Influence(1.0, STYLE).factors(names)


def test_what_stands_for_no_picture(library, encoder, picture):
    """Plain: no vector; the others: what the encoder says of normed zeros, as diffusers' pipeline has it."""
    seen = encoder.encode(picture[:1])
    nothing = open_ip_adapter(library, "plain.safetensors").unseen(encoder, seen)
    assert nothing.image_embeds.shape == seen.image_embeds.shape and not nothing.image_embeds.any()
    model = drawn(clip())
    wanted = model(pixel_values=torch.zeros(1, 3, 28, 28), output_hidden_states=True).hidden_states[-2]
    unseen = open_ip_adapter(library, "plus.safetensors").unseen(encoder, seen)
    assert far(unseen.penultimate_hidden_states, wanted) < 1e-5


def test_adapters_that_do_not_fit_are_refused(library, encoder, picture, folders):
    model = library.diffusion_model("tiny.safetensors")
    lonely = with_patch(model, PictureTokens.of(((torch.ones(1, 4, 8),) * 2,), Influence()))
    with pytest.raises(NumericsError, match="1 attentions and the model 16"):
        ours(lonely)
    narrow = with_patch(model, PictureTokens.of(((torch.ones(1, 4, 8),) * 2,) * 16, Influence()))
    with pytest.raises(NumericsError, match="another width: 8 where 32"):
        ours(narrow)
    seen = encoder.encode(picture[:1])
    seen = type(seen)(seen.last_hidden_state, seen.penultimate_hidden_states, torch.ones(1, 7))
    with pytest.raises(NumericsError, match="another vision encoder: what this one sees is"):
        open_ip_adapter(library, "plain.safetensors").attention(seen, Influence())
    save_file({"image_proj.a": torch.ones(1)}, folders.model_roots[0] / "ipadapter" / "none.safetensors")
    with pytest.raises(ModelFileError, match="no IP-Adapter that Limner knows"):
        open_ip_adapter(library, "none.safetensors")


def test_the_two_predictions_see_different_pictures(library, encoder, picture):
    given = {
        "model": library.diffusion_model("tiny.safetensors"),
        "ip_adapter": open_ip_adapter(library, "plain.safetensors"),
        "clip_vision": encoder,
        "image": picture,
    }
    model = apply_ip_adapter(**given, start_percent=0.2, weights="1, " * 15 + "0.5")
    first, second = model.options["variations"]
    assert (first.branch, second.branch, first.span.start) == (0, 1, 0.2)
    assert first.patch.influence.by_attention == (1.0,) * 15 + (0.5,)
    assert first.patch.digest != second.patch.digest
    with pytest.raises(StepError, match="separated by commas"):
        apply_ip_adapter(**given, weights="much")


def test_a_part_of_the_walk(library, encoder, picture):
    """Early both predictions have their patch; later, and for other models, there is none."""
    plain = library.diffusion_model("tiny.safetensors")
    model = apply_ip_adapter(
        model=plain,
        ip_adapter=open_ip_adapter(library, "plain.safetensors"),
        clip_vision=encoder,
        image=picture,
        end_percent=0.5,
    )
    wanted = [variation.patch for variation in model.options["variations"]]
    x, context = drawn_latent()
    guidance = Guidance(model, CfgGuider([[context, {}]], [[context, {}]], 3.0), x)
    early, late = (plain.parametrization.percent_to_sigma(share) for share in (0.2, 0.8))
    assert [patches_of(call.denoiser.options) for call in guidance.question(x, early).calls] == [
        (patch,) for patch in wanted
    ]
    assert [patches_of(call.denoiser.options) for call in guidance.question(x, late).calls] == [(), ()]
    assert patches_of(plain.options) == ()
