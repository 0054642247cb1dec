"""How runs are asked for."""

import pytest

from limner.dialects.apps.options import Finish, RunOptions, read_options
from limner.dialects.apps.salad import with_salad_fields
from limner.graph.errors import DocumentError, GraphError


def test_texts_of_forms_and_queries_are_read():
    run, finish = read_options(
        {"wait": "5", "keep_alive": "true", "mode": "async", "quality": "80", "resize": "64 x 32", "format": "jpg"}
    )
    assert (run.wait, run.keep_alive, run.mode) == (5.0, True, "async")
    assert (finish.quality, finish.size, finish.form) == (80, (64, 32), "jpeg")


def test_nothing_is_the_default():
    assert read_options({"wait": None, "format": "", "prompt": "x"}) == (RunOptions(), Finish())
    assert Finish().is_nothing
    assert not Finish(watermark="x").is_nothing


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("wait", value) for value in (-1, 601, "x", [], "nan")),
        *(("quality", value) for value in (0, 101, "high")),
        *(("resize", value) for value in ("0x5", "5", "99999x5", "axb")),
        ("format", "tiff"), ("mode", "later"), ("output", "paper"), ("fit", "bend"), ("watermark_opacity", 2),
        ("watermark_position", "moon"), ("version", -1), ("webhook", 5), ("store", ["s3"]), ("keep_alive", "perhaps"),
    ],
)  # fmt: skip
def test_options_that_cannot_be_are_named(name, value):
    with pytest.raises(GraphError, match=f"Option '{name}'") as raised:
        read_options({name: value})
    assert raised.value.problems[0].code == "invalid_option"


def test_fields_of_comfyui_api_that_mean_the_same():
    sent = {"webhook_v2": "https://here.example/x", "convert_output": {"format": "webp", "options": {"quality": 70}}}
    run, finish = read_options(with_salad_fields(sent))
    assert (run.webhook, run.mode, finish.format, finish.quality) == ("https://here.example/x", "async", "webp", 70)
    assert with_salad_fields({"prompt": "x"}) == {"prompt": "x"}


@pytest.mark.parametrize("name", ["s3", "azure_blob_upload", "hf_upload", "http_upload", "credentials"])
def test_what_comfyui_api_promises_and_is_not_here_is_refused(name):
    with pytest.raises(DocumentError, match=name):
        with_salad_fields({name: {"bucket": "b"}})
