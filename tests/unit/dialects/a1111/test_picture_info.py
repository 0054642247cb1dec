"""What files of pictures say."""

import base64
import io
import json

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from limner.dialects.a1111.encoded import picture_bytes, picture_text
from limner.dialects.a1111.picture_info import picture_info
from limner.graph.catalog import Catalog
from limner.graph.errors import GraphError

TEXT = "an apple\nNegative prompt: bad\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 5, Size: 64x32"
GRAPH = {
    "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "sd/dream.safetensors"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": "an apple"}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"clip": ["1", 1], "text": "bad"}},
    "4": {"class_type": "EmptyLatentImage", "inputs": {"width": 64, "height": 32, "batch_size": 1}},
    "5": {
        "class_type": "KSampler",
        "inputs": {"model": ["1", 0], "positive": ["2", 0], "negative": ["3", 0], "latent_image": ["4", 0], "seed": 5,
                   "steps": 20, "cfg": 7.0, "sampler_name": "euler_ancestral", "scheduler": "karras", "denoise": 1.0},
    },
}  # fmt: skip


def png(**texts):
    buffer, info = io.BytesIO(), PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    Image.new("RGB", (4, 4)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def jpeg(text):
    buffer, exif = io.BytesIO(), Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + text.encode("utf-16-be")
    Image.new("RGB", (4, 4)).save(buffer, "JPEG", exif=exif.tobytes())
    return buffer.getvalue()


@pytest.mark.parametrize("data", [png(parameters=TEXT), png(parameters=json.dumps(TEXT)), jpeg(TEXT)])
def test_the_text_of_a_picture_is_found(data):
    told = picture_info(data, Catalog())
    assert told["info"] == TEXT
    fields = told["parameters"]
    assert (fields["Prompt"], fields["Seed"], fields["Size-1"], fields["Sampler"]) == ("an apple", "5", "64", "Euler a")


def test_other_texts_stand_beside_it():
    assert picture_info(png(parameters=TEXT, author="me"), Catalog())["items"] == {"author": "me"}


def test_a_workflow_is_told_as_a_text():
    told = picture_info(png(prompt=json.dumps(GRAPH)), Catalog())
    expected = "Steps: 20, Sampler: Euler a, Schedule type: Karras, CFG scale: 7.0, Seed: 5, Size: 64x32, Model: dream"
    assert told["info"].startswith(f"an apple\nNegative prompt: bad\n{expected}")
    assert json.loads(told["items"]["prompt"]) == GRAPH
    assert told["parameters"]["Negative prompt"] == "bad"


@pytest.mark.parametrize("data", [png(), b"", b"nothing of the kind", png(prompt="{broken")])
def test_a_file_that_says_nothing_has_an_empty_text(data):
    told = picture_info(data, Catalog())
    assert (told["info"], told["parameters"]["RNG"]) == ("", "GPU")


def test_pictures_come_with_or_without_a_head():
    text = picture_text(b"12345")
    for sent in (text, f"data:image/png;base64,{text}", text.rstrip("="), f"{text[:3]}\n{text[3:]}"):
        assert picture_bytes(sent) == b"12345"
    assert base64.b64decode(text) == b"12345"


@pytest.mark.parametrize(
    ("sent", "said"), [("http://x/a.png", "Requests not allowed"), ("", "Invalid"), (None, "must be"), ("§", "Invalid")]
)
def test_what_is_no_picture_is_refused(sent, said):
    with pytest.raises(GraphError, match=said):
        picture_bytes(sent)
