"""Prompts about a picture for HunyuanVideo: a tiny LLaVA against the preparation of diffusers' pipeline."""

from types import SimpleNamespace

import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from tests.models.test_text_recipes import PROMPT, TOLERANCE, agree, bound, clip_tokens, rotation, theirs
from tests.models.text_files import clip, randomise, save_encoder, save_tokenizer, tiny_tokenizer
from transformers import CLIPImageProcessor, CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

from limner.graph.errors import ModelFileError, NumericsError
from limner.models.library import ModelLibrary
from limner.models.text.recipes.hunyuan_video import PICTURED, PICTURED_TOKENS, seeing
from limner.models.vision.encoder import open_vision_encoder
from limner.nodes.videos_hunyuan import text_encode_hunyuan_video_image_to_video
from limner.storage.folders import Folders

SIZE, PATCHES = 56, 16
IMAGE = tiny_tokenizer().get_vocab_size()
"""The number of the picture's token, which comes behind those of the tiny tokenizer."""


def llava():
    """A tiny model that sees, with the real width of attention heads."""
    text = LlamaConfig(
        vocab_size=420,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=128,
        rms_norm_eps=1e-5,
        pad_token_id=0,
        bos_token_id=None,
        eos_token_id=None,
        **rotation(5e5),
    )
    vision = CLIPVisionConfig(
        hidden_size=64,
        intermediate_size=96,
        num_hidden_layers=3,
        num_attention_heads=1,
        image_size=SIZE,
        patch_size=14,
        hidden_act="gelu",
    )
    network = LlavaForConditionalGeneration(
        LlavaConfig(vision_config=vision, text_config=text, image_token_index=IMAGE, pad_token_id=0)
    )
    return randomise(network)


@pytest.fixture(scope="module")
def network():
    return llava()


@pytest.fixture
def picture():
    pixels = torch.randint(0, 256, (SIZE, SIZE, 3), generator=torch.Generator().manual_seed(2), dtype=torch.uint8)
    return Image.fromarray(pixels.numpy())


def vision_state(network, style):
    """The half that sees, as its files have it."""
    inside, projector = network.model.vision_tower.state_dict(), network.model.multi_modal_projector.state_dict()
    tower, top = {"alone": ("", ""), "folder": ("vision_tower.", ""), "newer": ("model.vision_tower.", "model.")}[style]
    state = {f"{tower}vision_model.{name.removeprefix('vision_model.')}": value for name, value in inside.items()}
    return state | {f"{top}multi_modal_projector.{name}": value for name, value in projector.items()}


@pytest.fixture
def library(tmp_path, network):
    models = tmp_path / "models"
    (models / "clip_vision").mkdir(parents=True)
    for style in ("alone", "folder", "newer"):
        state = {name: tensor.clone().contiguous() for name, tensor in vision_state(network, style).items()}
        save_file(state, models / "clip_vision" / f"{style}.safetensors")
    save_encoder(clip(), models / "text_encoders" / "clip_l.safetensors")
    language = SimpleNamespace(state_dict=lambda: network.model.language_model.state_dict())
    save_encoder(language, models / "text_encoders" / "llama.safetensors", "model.")
    for name in ("clip_l", "llama"):
        save_tokenizer(models / "text_encoders", name)
    return ModelLibrary(Folders.under(tmp_path, model_roots=(models,)))


def text_encoder(library):
    return library.text_encoder("clip_l.safetensors", "llama.safetensors", purpose="hunyuan_video")


def pixels(picture):
    return torch.tensor(list(picture.tobytes())).reshape(1, SIZE, SIZE, 3) / 255


@torch.no_grad()
@pytest.mark.parametrize("style", ["alone", "folder", "newer"])
def test_what_the_language_model_is_shown(library, network, picture, style):
    seen = open_vision_encoder(library, f"{style}.safetensors").encode(pixels(picture))
    processor = CLIPImageProcessor(size={"shortest_edge": SIZE}, crop_size=SIZE)
    shown = network.model.get_image_features(processor(picture, return_tensors="pt").pixel_values)
    expected = torch.stack(list(getattr(shown, "pooler_output", shown)))
    agree(seen.mm_projected, expected)
    assert seen.mm_projected.shape == (1, PATCHES, 32)


@torch.no_grad()
@pytest.mark.parametrize("every", [1, 2, 5])
def test_prompts_about_a_picture(library, network, picture, every):
    from diffusers import HunyuanVideoImageToVideoPipeline

    seen = open_vision_encoder(library, "alone.safetensors").encode(pixels(picture))
    ((states, options),) = text_encode_hunyuan_video_image_to_video(
        clip=text_encoder(library), clip_vision_output=seen, prompt=PROMPT, image_interleave=every
    )
    tokenizer = theirs(begin="<|begin_of_text|>")
    tokenizer.add_special_tokens({"additional_special_tokens": ["<image>"]})
    place = tokenizer(PICTURED).input_ids.index(IMAGE)
    pipeline = bound(
        HunyuanVideoImageToVideoPipeline,
        "_get_llama_prompt_embeds",
        "_get_clip_prompt_embeds",
        text_encoder=network,
        text_encoder_2=clip(),
        tokenizer=tokenizer,
        tokenizer_2=clip_tokens(),
        image_processor=CLIPImageProcessor(size={"shortest_edge": SIZE}, crop_size=SIZE),
    )
    template = {
        "template": PICTURED,
        "crop_start": PICTURED_TOKENS,
        "image_emb_start": place,
        "image_emb_end": place + PATCHES,
        "image_emb_len": PATCHES,
    }
    expected, mask = pipeline._get_llama_prompt_embeds(
        picture, PROMPT, template, max_sequence_length=512, image_embed_interleave=every
    )
    agree(states, expected[:, mask[0].bool()])
    assert options["attention_mask"].tolist() == [[1] * states.shape[1]]
    agree(options["pooled_output"], pipeline._get_clip_prompt_embeds(PROMPT))


def test_words_may_weigh_more_and_the_picture_does_not(library, network, picture):
    seen = open_vision_encoder(library, "alone.safetensors").encode(pixels(picture))
    told = {"clip": text_encoder(library), "clip_vision_output": seen, "image_interleave": 1}
    ((plain, _),) = text_encode_hunyuan_video_image_to_video(prompt="red apple", **told)
    ((weighed, _),) = text_encode_hunyuan_video_image_to_video(prompt="(red apple:1.5)", **told)
    torch.testing.assert_close(plain[:, :PATCHES], weighed[:, :PATCHES])
    assert plain.shape == weighed.shape
    assert (plain - weighed).abs().max() > TOLERANCE


def test_a_vision_encoder_without_projection_is_refused(library):
    with pytest.raises(NumericsError, match="multi_modal_projector"):
        text_encode_hunyuan_video_image_to_video(
            clip=text_encoder(library), clip_vision_output=SimpleNamespace(), prompt="a", image_interleave=2
        )


def test_a_projection_of_another_width_is_refused(library):
    branch = text_encoder(library).branches[-1]
    with pytest.raises(NumericsError, match=r"vectors of 7 numbers.*ones of 32"):
        seeing(torch.zeros(3, 7), 1).chunks(branch, "a", lambda name: None)


def test_another_models_text_encoder_is_refused(library):
    encoder = library.text_encoder("clip_l.safetensors", purpose="stable_diffusion")
    with pytest.raises(NumericsError, match="type hunyuan_video"):
        text_encode_hunyuan_video_image_to_video(
            clip=encoder, clip_vision_output=SimpleNamespace(), prompt="a", image_interleave=2
        )


def test_a_tokenizer_of_another_model_is_refused(library):
    branch = text_encoder(library).branches[-1]
    reading = seeing(torch.zeros(3, 32), 1)
    tokens = reading.chunks(branch, "a", lambda name: None)
    stranger = SimpleNamespace(network=branch.network, lengths={}, tokenizer=SimpleNamespace(number=lambda name: None))
    with pytest.raises(ModelFileError, match="end_header_id"):
        reading.read(stranger, tokens, None)


def test_words_weigh_inside_the_template(library):
    encoder = text_encoder(library)
    ((plain, _),), ((weighed, _),) = encoder.encode("red apple"), encoder.encode("(red apple:1.5)")
    assert plain.shape == weighed.shape
    changed = (plain - weighed).abs().amax(dim=(0, 2)) > TOLERANCE
    assert changed.any()
    assert not changed.all()
