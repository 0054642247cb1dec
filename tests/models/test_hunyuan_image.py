"""HunyuanImage beside its cases: its text, what is written in pictures, adapters, what is refused."""

import pytest
import torch
from tests.models.adapters.layouts import PEFT, answer, low_rank, written
from tests.models.families.case import Bench
from tests.models.families.hunyuan_image import PLAIN
from tests.models.families.original import original
from tests.models.test_text_recipes import agree, bound, rotation, shelf, theirs
from tests.models.text_files import decoder, t5
from transformers import ByT5Tokenizer

from limner.graph.errors import ModelFileError
from limner.models.load.layout import Layout
from limner.models.parts.byte_tokenizer import ByteTokenizer
from limner.models.parts.hunyuan_image_pass import GLYPHS
from limner.models.parts.hunyuan_keys import IMAGE_PUBLISHED
from limner.models.registry import load_families

__all__ = ["shelf"]
TOLERANCE = 1e-4
PROMPTS = {
    "nothing": "a red apple on a table",
    "double": 'a sign "red apple" on a hill',
    "several": "a sign 'one' with \u201cein Schloss\u201d and \"two, three\" and \u2018\u56db\u2019",
}


@torch.no_grad()
@pytest.mark.parametrize("name", PROMPTS)
def test_texts(shelf, name):
    from diffusers import HunyuanImagePipeline
    from diffusers.pipelines.hunyuan_image.pipeline_hunyuanimage import extract_glyph_text

    prompt = PROMPTS[name]
    first, second = decoder("Qwen2", **rotation(1e6)), t5()
    ((states, options),) = shelf("hunyuan_image", qwen25_7b=first, byt5_small=second).encode(prompt)
    pipeline = bound(
        HunyuanImagePipeline,
        "_get_qwen_prompt_embeds",
        "_get_byt5_prompt_embeds",
        text_encoder=first,
        text_encoder_2=second,
    )
    expected, mask = pipeline._get_qwen_prompt_embeds(theirs(), first, prompt)
    agree(states, expected[:, mask[0].bool()])
    assert options["attention_mask"].tolist() == [[1] * states.shape[1]]
    glyphs = extract_glyph_text(prompt)
    assert (GLYPHS in options) == (glyphs is not None)
    if glyphs is not None:
        expected, mask = pipeline._get_byt5_prompt_embeds(ByT5Tokenizer(), second, glyphs)
        agree(options[GLYPHS], expected[:, mask[0].bool()])


def test_bytes_are_tokens():
    ours, reference = ByteTokenizer(), ByT5Tokenizer()
    for text in ("a sign", "", "\u00e9t\u00e9 \u771f\u5b9e"):
        assert ours.encode(text) == reference(text, add_special_tokens=False).input_ids
    for name in ("<pad>", "</s>", "<unk>", "a"):
        assert ours.number(name) == reference.convert_tokens_to_ids(name)
        assert ours.name_of(ours.number(name)) == name
    assert ours.number("apple") is None
    assert ours.name_of(250) == ""


def test_adapters_in_published_names_on_any_layout(tmp_path):
    bench = Bench(PLAIN, tmp_path)
    state = original(IMAGE_PUBLISHED, bench.network.state_dict())
    layers = (
        *("double_blocks.0.img_attn_q", "double_blocks.1.txt_attn_proj", "double_blocks.0.img_mlp.fc1"),
        *("single_blocks.0.linear1_mlp", "single_blocks.1.linear2.fc", "final_layer.adaLN_modulation.1"),
    )
    changes = {layer: low_rank(state[f"{layer}.weight"], place) for place, layer in enumerate(layers)}
    merged = dict(state)
    for layer, (down, up) in changes.items():
        merged[f"{layer}.weight"] = (state[f"{layer}.weight"].double() + up.double() @ down.double()).float()
    file = bench.write("diffusion_models", "merged", merged)
    whole = bench.call("UNETLoader", unet_name=file, weight_dtype="default", library=bench.library)
    wanted = answer(bench, whole)
    lora = bench.write("loras", "tiny", written({f"diffusion_model.{n}": c for n, c in changes.items()}, PEFT))
    for stored in PLAIN.layouts:
        plain = bench.load(stored)
        changed = bench.call("LoraLoaderModelOnly", model=plain, lora_name=lora, library=bench.library)
        assert float((wanted - answer(bench, plain)).abs().max()) > 100 * TOLERANCE
        assert float((answer(bench, changed) - wanted).abs().max()) < TOLERANCE, stored


def test_the_distilled_network_is_refused(tmp_path):
    state = original(IMAGE_PUBLISHED, Bench(PLAIN, tmp_path).network.state_dict())
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    layout = Layout({**shapes, "time_r_in.mlp.0.weight": (64, 256)})
    family = load_families()["hunyuan_image"]
    assert family.recognise(layout)
    with pytest.raises(ModelFileError, match="not distilled"):
        family.network(layout)


def test_the_network_for_videos_is_another(tmp_path):
    state = original(IMAGE_PUBLISHED, Bench(PLAIN, tmp_path).network.state_dict())
    shapes = {name: tuple(tensor.shape) for name, tensor in state.items()}
    recognise = load_families()["hunyuan_image"].recognise
    assert not recognise(Layout({**shapes, "vector_in.in_layer.weight": (64, 20)}))
    assert not recognise(Layout({**shapes, "img_in.proj.weight": (64, 64, 1, 1, 1)}))
