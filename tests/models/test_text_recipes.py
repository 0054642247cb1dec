"""Every recipe of text encoders against the preparation of diffusers' pipelines, with tiny random encoders."""

from types import SimpleNamespace

import pytest
import torch
from tests.models.text_files import clip, decoder, randomise, save_encoder, save_tokenizer, t5, tiny_tokenizer
from tokenizers.processors import TemplateProcessing
from transformers import PreTrainedTokenizerFast

from limner.models.library import ModelLibrary
from limner.models.parts.clip_tokenizer import ClipTokenizer
from limner.storage.folders import Folders

PROMPT = "a red apple on a table"
TOLERANCE = 1e-4
CHAT = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
MISTRAL_CHAT = (
    "<s>{% for message in messages %}{% set text = message.content[0].text %}"
    "{% if message.role == 'system' %}[SYSTEM_PROMPT]{{ text }}[/SYSTEM_PROMPT]{% else %}[INST]{{ text }}[/INST]"
    "{% endif %}{% endfor %}"
)


def theirs(begin="", end="", **options):
    """The tiny tokenizer as transformers wraps the families' real ones."""
    tokenizer = tiny_tokenizer()
    if begin or end:
        special = [(name, tokenizer.token_to_id(name)) for name in (begin, end) if name]
        tokenizer.post_processor = TemplateProcessing(single=f"{begin} $A {end}".strip(), special_tokens=special)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **{"pad_token": "<pad>", **options})
    wrapped.model_max_length = options.get("model_max_length", 4096)
    return wrapped


def clip_tokens(padding="<|endoftext|>"):
    """CLIP's tokenizer as transformers wraps it."""
    tokenizer = ClipTokenizer()._tokenizer
    names = ("<|startoftext|>", "<|endoftext|>")
    special = [(name, tokenizer.token_to_id(name)) for name in names]
    tokenizer.post_processor = TemplateProcessing(single=f"{names[0]} $A {names[1]}", special_tokens=special)
    wrapped = PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token=padding)
    wrapped.model_max_length = 77
    return wrapped


def rotation(base):
    return {"rope_parameters": {"rope_type": "default", "rope_theta": base}}


def bound(pipeline, *methods, **parts):
    """Parts of a pipeline with some of its methods: enough to prepare prompts with."""
    self = SimpleNamespace(_execution_device=torch.device("cpu"), **parts)
    for name in methods:
        setattr(self, name, getattr(pipeline, name).__get__(self))
    return self


@pytest.fixture
def shelf(tmp_path):
    """Puts tiny encoders and tokenizers into folders, and gives the library that finds them."""
    folder = tmp_path / "models" / "text_encoders"

    def put(purpose, **networks):
        for name, network in networks.items():
            save_encoder(network, folder / f"{name}.safetensors")
            save_tokenizer(folder, name)
        library = ModelLibrary(Folders.under(tmp_path, model_roots=(tmp_path / "models",)))
        return library.text_encoder(*(f"{name}.safetensors" for name in networks), purpose=purpose)

    return put


def agree(ours, expected):
    torch.testing.assert_close(ours, expected.float(), atol=TOLERANCE, rtol=1e-4)


@torch.no_grad()
def test_sd3(shelf):
    from diffusers import StableDiffusion3Pipeline

    first, second, third = clip(64, 64), clip(128, 128, "gelu", 1), t5(seed=2)
    first.text_projection.weight.copy_(torch.eye(64))  # As diffusers has it: version 3 was trained without.
    ((states, options),) = shelf("sd3", clip_l=first, clip_g=second, t5xxl=third).encode(PROMPT)
    pipeline = bound(
        StableDiffusion3Pipeline,
        "_get_clip_prompt_embeds",
        "_get_t5_prompt_embeds",
        text_encoder=first,
        text_encoder_2=second,
        text_encoder_3=third,
        tokenizer=clip_tokens(),
        tokenizer_2=clip_tokens("!"),
        tokenizer_3=theirs(end="</s>"),
        tokenizer_max_length=77,
    )
    one, pooled_one = pipeline._get_clip_prompt_embeds(PROMPT, clip_model_index=0)
    two, pooled_two = pipeline._get_clip_prompt_embeds(PROMPT, clip_model_index=1)
    agree(states[:, :77, : 64 + 128], torch.cat([one, two], dim=-1))
    agree(states[:, 77:, :32], pipeline._get_t5_prompt_embeds(PROMPT, max_sequence_length=77))
    assert not states[:, 77:, 32:].any()
    agree(options["pooled_output"], torch.cat([pooled_one, pooled_two], dim=-1))


@torch.no_grad()
def test_stable_cascade_does_not_look_at_what_fills_up(shelf):
    from diffusers import StableCascadePriorPipeline

    network = clip(128, 24, activation="gelu")
    ((states, options),) = shelf("stable_cascade", clip_g=network).encode(PROMPT)
    pipeline = bound(StableCascadePriorPipeline, "encode_prompt", text_encoder=network, tokenizer=clip_tokens())
    theirs, pooled, *_ = pipeline.encode_prompt("cpu", 1, 1, do_classifier_free_guidance=False, prompt=PROMPT)
    agree(states, theirs)
    agree(options["pooled_output"], pooled[:, 0])


@torch.no_grad()
def test_latent_upscaler(shelf):
    from diffusers import StableDiffusionLatentUpscalePipeline

    network = clip()
    ((states, options),) = shelf("sd_x2_upscaler", clip_l=network).encode(PROMPT)
    pipeline = bound(
        StableDiffusionLatentUpscalePipeline, "encode_prompt", text_encoder=network, tokenizer=clip_tokens()
    )
    theirs, _, pooled, _ = pipeline.encode_prompt(PROMPT, "cpu", do_classifier_free_guidance=False)
    agree(states, theirs)
    agree(options["pooled_output"], pooled)


@torch.no_grad()
def test_flux(shelf):
    from diffusers import FluxPipeline

    first, second = clip(), t5()
    ((states, options),) = shelf("flux", clip_l=first, t5xxl=second).encode(PROMPT)
    pipeline = bound(
        FluxPipeline,
        "_get_clip_prompt_embeds",
        "_get_t5_prompt_embeds",
        text_encoder=first,
        text_encoder_2=second,
        tokenizer=clip_tokens(),
        tokenizer_2=theirs(end="</s>"),
        tokenizer_max_length=77,
    )
    agree(states, pipeline._get_t5_prompt_embeds(PROMPT, max_sequence_length=256))
    agree(options["pooled_output"], pipeline._get_clip_prompt_embeds(PROMPT))


@torch.no_grad()
def test_chroma_sees_one_token_that_fills_up(shelf):
    from diffusers import ChromaPipeline

    encoder = t5()
    ((states, options),) = shelf("chroma", t5xxl=encoder).encode(PROMPT)
    pipeline = bound(ChromaPipeline, text_encoder=encoder, tokenizer=theirs(end="</s>"), tokenizer_max_length=77)
    expected, mask = ChromaPipeline._get_t5_prompt_embeds(pipeline, PROMPT)
    agree(states, expected[:, mask[0].bool()])
    assert "attention_mask" not in options


@torch.no_grad()
def test_pixart(shelf):
    from diffusers import PixArtSigmaPipeline

    encoder = t5()
    ((states, options),) = shelf("pixart", t5xxl=encoder).encode(f" {PROMPT.title()}")
    pipeline = bound(
        PixArtSigmaPipeline, "_text_preprocessing", text_encoder=encoder, tokenizer=theirs(end="</s>"), transformer=None
    )
    found = PixArtSigmaPipeline.encode_prompt(pipeline, f" {PROMPT.title()}", do_classifier_free_guidance=False)
    expected, mask = found[0], found[1]
    agree(states, expected[:, mask[0].bool()])
    assert options["attention_mask"].tolist() == [[1] * states.shape[1]]


@torch.no_grad()
def test_ltxv(shelf):
    from diffusers import LTXPipeline

    encoder = t5()
    ((states, options),) = shelf("ltxv", t5xxl=encoder).encode(PROMPT)
    pipeline = bound(LTXPipeline, text_encoder=encoder, tokenizer=theirs(end="</s>"))
    expected, mask = LTXPipeline._get_t5_prompt_embeds(pipeline, PROMPT, max_sequence_length=128)
    agree(states, expected)
    assert torch.equal(options["attention_mask"].bool(), mask)


@torch.no_grad()
def test_auraflow(shelf):
    from diffusers import AuraFlowPipeline

    encoder = t5(per_layer=True)
    ((states, _),) = shelf("auraflow", pile_t5xl=encoder).encode(PROMPT)
    pipeline = bound(AuraFlowPipeline, text_encoder=encoder, tokenizer=theirs(end="</s>"), transformer=None)
    agree(states, AuraFlowPipeline.encode_prompt(pipeline, PROMPT, do_classifier_free_guidance=False)[0])


@torch.no_grad()
def test_wan(shelf):
    from diffusers import WanPipeline

    encoder = t5(per_layer=True)
    ((states, _),) = shelf("wan", umt5xxl=encoder).encode(f"{PROMPT} \n on  a hill ")
    pipeline = bound(WanPipeline, text_encoder=encoder, tokenizer=theirs(end="</s>"))
    found = WanPipeline._get_t5_prompt_embeds(pipeline, f"{PROMPT} \n on  a hill ", max_sequence_length=512)
    agree(states, found)


@torch.no_grad()
def test_cosmos(shelf):
    from diffusers import Cosmos2TextToImagePipeline

    encoder = t5(gated=False)
    ((states, options),) = shelf("cosmos", t5_11b=encoder).encode(PROMPT)
    pipeline = bound(Cosmos2TextToImagePipeline, text_encoder=encoder, tokenizer=theirs(end="</s>"))
    agree(states, Cosmos2TextToImagePipeline._get_t5_prompt_embeds(pipeline, PROMPT))
    assert "attention_mask" not in options


@torch.no_grad()
def test_qwen_image(shelf):
    from diffusers import QwenImagePipeline

    encoder = decoder("Qwen2", **rotation(1e6))
    ((states, options),) = shelf("qwen_image", qwen25_7b=encoder).encode(PROMPT)
    pipeline = bound(QwenImagePipeline, "_extract_masked_hidden", text_encoder=encoder, tokenizer=theirs())
    pipeline.prompt_template_encode, pipeline.prompt_template_encode_start_idx = template_of(QwenImagePipeline)
    pipeline.tokenizer_max_length = 1024
    expected, mask = QwenImagePipeline._get_qwen_prompt_embeds(pipeline, PROMPT)
    agree(states, expected)
    assert torch.equal(options["attention_mask"], mask)


def template_of(pipeline):
    """The template that a pipeline sets when it is made, and how many of its tokens it drops."""
    made = pipeline(**dict.fromkeys(pipeline._get_signature_keys(pipeline)[0]))
    return made.prompt_template_encode, made.prompt_template_encode_start_idx


@torch.no_grad()
def test_lumina2(shelf):
    from diffusers import Lumina2Pipeline

    encoder = decoder("Gemma2", **rotation(1e4))
    ((states, options),) = shelf("lumina2", gemma2_2b=encoder).encode(PROMPT)
    pipeline = bound(Lumina2Pipeline, text_encoder=encoder.model, tokenizer=theirs(begin="<bos>"))
    expected, mask = Lumina2Pipeline._get_gemma_prompt_embeds(pipeline, PROMPT)
    agree(states, expected[:, mask[0].bool()])
    assert options["attention_mask"].tolist() == [[1] * states.shape[1]]


@torch.no_grad()
def test_z_image(shelf):
    from diffusers import ZImagePipeline

    encoder = decoder("Qwen3", **rotation(1e6))
    ((states, _),) = shelf("lumina2", qwen3_4b=encoder).encode(PROMPT)
    pipeline = bound(ZImagePipeline, text_encoder=encoder.model, tokenizer=theirs(chat_template=CHAT))
    (expected,) = ZImagePipeline._encode_prompt(pipeline, PROMPT)
    agree(states[0], expected)


@torch.no_grad()
def test_flux2_reads_three_layers_of_mistral(shelf):
    from diffusers import Flux2Pipeline

    encoder = decoder("Mistral", layers=31, rms_norm_eps=1e-5, sliding_window=None, **rotation(5e5))
    ((states, _),) = shelf("flux2", mistral3_24b=encoder).encode(PROMPT)
    tokenizer = theirs(chat_template=MISTRAL_CHAT, padding_side="left")
    expected = Flux2Pipeline._get_mistral_3_small_prompt_embeds(
        encoder, tokenizer, PROMPT, max_sequence_length=512, system_message=system_message()
    )
    agree(states, expected)


def system_message():
    from diffusers.pipelines.flux2.system_messages import SYSTEM_MESSAGE

    return SYSTEM_MESSAGE


@torch.no_grad()
def test_flux2_klein_reads_three_layers_of_qwen(shelf):
    from diffusers import Flux2KleinPipeline

    encoder = decoder("Qwen3", layers=28, **rotation(1e6))
    ((states, _),) = shelf("flux2", qwen3_4b=encoder).encode(PROMPT)
    tokenizer = theirs(chat_template=CHAT, pad_token="<|endoftext|>")
    agree(states, Flux2KleinPipeline._get_qwen3_prompt_embeds(encoder, tokenizer, PROMPT))


@torch.no_grad()
def test_hidream(shelf):
    from diffusers import HiDreamImagePipeline

    first, second, third = clip(64, 64), clip(128, 128, "gelu", 1), t5(seed=2)
    fourth = decoder("Llama", rms_norm_eps=1e-5, **rotation(5e5))
    encoder = shelf("hidream", clip_l=first, clip_g=second, t5xxl=third, llama=fourth)
    ((states, options),) = encoder.encode(PROMPT)
    pipeline = bound(
        HiDreamImagePipeline,
        "_get_clip_prompt_embeds",
        "_get_t5_prompt_embeds",
        "_get_llama3_prompt_embeds",
        text_encoder=first,
        text_encoder_3=third,
        text_encoder_4=fourth,
        tokenizer_3=theirs(end="</s>"),
        tokenizer_4=theirs(begin="<|begin_of_text|>", pad_token="<|eot_id|>"),
    )
    agree(states, pipeline._get_t5_prompt_embeds(PROMPT))
    layers = pipeline._get_llama3_prompt_embeds(PROMPT).transpose(0, 1)
    agree(options["conditioning_llama3"], layers)
    pooled = [
        pipeline._get_clip_prompt_embeds(clip_tokens(), first, PROMPT, max_sequence_length=77),
        pipeline._get_clip_prompt_embeds(clip_tokens("!"), second, PROMPT, max_sequence_length=77),
    ]
    agree(options["pooled_output"], torch.cat(pooled, dim=-1))


@torch.no_grad()
def test_hunyuan_video(shelf):
    from diffusers import HunyuanVideoPipeline
    from diffusers.pipelines.hunyuan_video.pipeline_hunyuan_video import DEFAULT_PROMPT_TEMPLATE

    first, second = clip(), decoder("Llama", rms_norm_eps=1e-5, **rotation(5e5))
    ((states, options),) = shelf("hunyuan_video", clip_l=first, llama=second).encode(PROMPT)
    pipeline = bound(
        HunyuanVideoPipeline,
        "_get_llama_prompt_embeds",
        "_get_clip_prompt_embeds",
        text_encoder=second.model,
        text_encoder_2=first,
        tokenizer=theirs(begin="<|begin_of_text|>"),
        tokenizer_2=clip_tokens(),
    )
    expected, mask = pipeline._get_llama_prompt_embeds(PROMPT, DEFAULT_PROMPT_TEMPLATE, max_sequence_length=512)
    agree(states, expected[:, mask[0].bool()])
    assert options["attention_mask"].tolist() == [[1] * states.shape[1]]
    agree(options["pooled_output"], pipeline._get_clip_prompt_embeds(PROMPT))


def test_weights_of_words_scale_the_distance_to_an_empty_prompt(shelf):
    encoder = shelf("flux", clip_l=clip(), t5xxl=randomise(t5()))
    ((plain, _),), ((empty, _),) = encoder.encode("red apple"), encoder.encode("")
    ((weighed, _),) = encoder.encode("(red apple:1.5)")
    (tokens,) = encoder.chunks("(red apple:1.5)")["t5xxl"]
    count = [token.weight for token in tokens].count(1.5)
    assert count == len(tokens) - 1
    agree(weighed[:, :count], (plain[:, :count] - empty[:, :count]) * 1.5 + empty[:, :count])
    torch.testing.assert_close(weighed[:, count:], plain[:, count:])


def test_language_models_of_templates_take_a_prompt_as_it_stands(shelf):
    encoder = shelf("qwen_image", qwen25_7b=decoder("Qwen2", **rotation(1e6)))
    plain, marked = encoder.chunks("a (red:1.5) apple")["qwen25_7b"], encoder.chunks("a red apple")["qwen25_7b"]
    assert {token.weight for token in plain[0]} == {1.0}
    assert len(plain[0]) > len(marked[0])


def seeing():
    """A tiny Qwen 2.5 VL: the language model and what it sees with, heads of real width in both."""
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLModel

    text = {"vocab_size": 420, "hidden_size": 256, "intermediate_size": 48, "num_hidden_layers": 2}
    text |= {"num_attention_heads": 2, "num_key_value_heads": 1, "rms_norm_eps": 1e-6}
    text |= dict.fromkeys(("pad_token_id", "bos_token_id", "eos_token_id"))
    text["rope_parameters"] = {"rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]}
    vision = {"depth": 2, "hidden_size": 80, "intermediate_size": 48, "num_heads": 1, "out_hidden_size": 256}
    vision |= {"fullatt_block_indexes": []}
    marks = {name: tiny_tokenizer().token_to_id(f"<|{word}|>") for name, word in TOKEN_NAMES.items()}
    return randomise(Qwen2_5_VLModel(Qwen2_5_VLConfig(text_config=text, vision_config=vision, **marks)))


TOKEN_NAMES = {"image_token_id": "image_pad", "vision_start_token_id": "vision_start", "video_token_id": "im_end"}


@torch.no_grad()
def test_qwen_image_edit_sees_the_picture(shelf):
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    from limner.nodes.text_pictures import SEEN, TEMPLATE, TEMPLATE_TOKENS, _seeing

    network, picture = seeing(), torch.randint(0, 256, (1, 84, 56, 3), generator=torch.Generator().manual_seed(4))
    clip = _seeing(shelf("qwen_image", qwen25_7b=network), [picture / 255.0])
    ((states, options),) = clip.encode(SEEN + PROMPT)
    pixels = Qwen2VLImageProcessorPil()(picture[0].to(torch.uint8).numpy(), return_tensors="pt")
    count = int(pixels["image_grid_thw"].prod()) // 4
    text = TEMPLATE.replace("{}", SEEN.replace("<|image_pad|>", "<|image_pad|>" * count) + PROMPT)
    numbers = torch.tensor([tiny_tokenizer().encode(text, add_special_tokens=False).ids])
    marks = (numbers == network.config.image_token_id).int()
    expected = network(input_ids=numbers, mm_token_type_ids=marks, **pixels).last_hidden_state
    agree(states, expected[:, TEMPLATE_TOKENS:])
    assert options["attention_mask"].all()
    ((plain, _),) = shelf("qwen_image", qwen25_7b=network).encode(PROMPT)
    assert plain.shape != states.shape
