"""Prompts read from files, and written by a network that looks at pictures."""

import json

import numpy as np
import pytest
import torch
from PIL import Image

from limner.graph.errors import ModelFileError, StorageError
from limner.media.png import encode_png
from limner.nodes.captions import describe_image, load_captioner
from limner.nodes.prompt_reading import read_prompt

PIXELS = np.zeros((8, 8, 3), np.uint8)
WORKFLOW = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "x.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "a red apple", "clip": ["1", 1]}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry", "clip": ["1", 1]}},
    "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 64, "batch_size": 1}},
    "5": {
        "class_type": "KSampler",
        "inputs": {
            "model": ["1", 0],
            "positive": ["2", 0],
            "negative": ["3", 0],
            "latent_image": ["4", 0],
            "seed": 7,
            "steps": 12,
            "cfg": 5.5,
            "sampler_name": "euler",
            "scheduler": "karras",
            "denoise": 1.0,
        },
    },
}


def saved(folders, name, texts):
    (folders.input / name).write_bytes(encode_png(PIXELS, texts))
    prompt, negative, settings, source = read_prompt(image=name, folders=folders)
    return prompt, negative, json.loads(settings), source


def test_prompts_of_workflows(folders):
    prompt, negative, settings, source = saved(folders, "a.png", {"prompt": json.dumps(WORKFLOW)})
    assert (prompt, negative, source) == ("a red apple", "blurry", "workflow")
    assert settings == {
        "seed": 7,
        "steps": 12,
        "cfg": 5.5,
        "sampler_name": "euler",
        "scheduler": "karras",
        "denoise": 1.0,
    }


def test_prompts_of_web_uis(folders):
    text = "a cat\nNegative prompt: dog\nSteps: 20, Sampler: Euler a, Seed: 5"
    prompt, negative, settings, source = saved(folders, "b.png", {"parameters": text})
    assert (prompt, negative, source) == ("a cat", "dog", "infotext")
    assert settings == {"Steps": "20", "Sampler": "Euler a", "Seed": "5"}


def test_prompts_in_jpegs(folders):
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + "ein Löwe\nSteps: 3, Seed: 1, Size: 8x8".encode("utf-16-be")
    Image.fromarray(PIXELS).save(folders.input / "c.jpg", exif=exif)
    assert read_prompt(image="c.jpg", folders=folders)[0] == "ein Löwe"


@pytest.mark.parametrize("texts", [{}, {"prompt": "no JSON"}, {"Title": "mine"}])
def test_pictures_without_a_prompt(folders, texts):
    assert saved(folders, "d.png", texts) == ("", "", {}, "nothing")


def test_a_damaged_workflow_leaves_the_rest(folders):
    assert saved(folders, "e.png", {"prompt": "{", "parameters": "a cat"})[0] == "a cat"


def test_files_that_are_missing_or_elsewhere(folders):
    with pytest.raises(StorageError, match=r"no\.png cannot be read"):
        read_prompt(image="no.png", folders=folders)
    with pytest.raises(StorageError, match="not a name inside"):
        read_prompt(image="../a.png", folders=folders)


WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "a", "red", "apple", "cat", "photograph", "of"]


def write_captioner(folder):
    """A tiny random BLIP, in the layout in which it is published."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BlipConfig, BlipForConditionalGeneration, PreTrainedTokenizerFast

    tiny = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    special = {"bos_token_id": 5, "eos_token_id": 3, "sep_token_id": 3, "pad_token_id": 0}
    text = {**tiny, **special, "vocab_size": len(WORDS), "encoder_hidden_size": 16, "max_position_embeddings": 40}
    config = BlipConfig(
        text_config={**text, "projection_dim": 8},
        vision_config={**tiny, "image_size": 32, "patch_size": 8, "projection_dim": 8},
        projection_dim=8,
    )
    torch.manual_seed(4)
    BlipForConditionalGeneration(config).save_pretrained(folder)
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", None, [("[CLS]", 2), ("[SEP]", 3)])
    names = {"unk": 1, "cls": 2, "sep": 3, "pad": 0, "mask": 4, "bos": 5}
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, **{f"{name}_token": WORDS[number] for name, number in names.items()}
    ).save_pretrained(folder)
    looks = {"size": {"height": 32, "width": 32}, "image_mean": [0.5] * 3, "image_std": [0.25] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(looks))


@pytest.fixture
def captioner(folders):
    folder = folders.model_roots[0] / "captioners" / "tiny-blip"
    folder.mkdir(parents=True)
    write_captioner(folder)
    assert folders.list("captioners") == ["tiny-blip/model.safetensors"]
    return load_captioner(captioner="tiny-blip/model.safetensors", folders=folders)


def test_pictures_are_described(captioner, progress):
    images = torch.stack([torch.zeros(20, 30, 3), torch.ones(20, 30, 3)])
    told = describe_image(image=images, captioner=captioner, longest=6, progress=progress)
    assert len(told) == 2
    assert all(set(text.split()) <= set(WORDS) for text in told)
    assert told == describe_image(image=images, captioner=captioner, longest=6, progress=progress)
    assert [(value, total) for value, total, _ in progress.reports[:2]] == [(0, 2), (1, 2)]


def test_the_network_sees_what_its_own_preprocessing_would_give(captioner):
    """Against transformers' image processor, which resizes in 8 bits."""
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

    image = torch.from_numpy(np.random.default_rng(1).integers(0, 256, (32, 32, 3), np.uint8))
    processor = BlipImageProcessorPil(size={"height": 32, "width": 32}, image_mean=[0.5] * 3, image_std=[0.25] * 3)
    expected = torch.as_tensor(np.asarray(processor(Image.fromarray(image.numpy())).pixel_values[0]))
    torch.testing.assert_close(captioner._prepared(image / 255.0)[0], expected, atol=1e-5, rtol=0)


def test_a_description_may_be_told_how_to_begin(captioner, progress):
    image = torch.rand(1, 16, 16, 3)
    (told,) = describe_image(
        image=image, captioner=captioner, beginning="a photograph of", longest=5, progress=progress
    )
    assert told.startswith("a photograph of")


def test_missing_captioners_say_what_to_get(folders):
    with pytest.raises(ModelFileError, match=r"blip-image-captioning-base.*'captioners'"):
        load_captioner(captioner="blip/model.safetensors", folders=folders)
    folder = folders.model_roots[0] / "captioners" / "bad"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"x")
    with pytest.raises(ModelFileError, match=r"bad cannot be loaded.*config\.json"):
        load_captioner(captioner="bad/model.safetensors", folders=folders)
