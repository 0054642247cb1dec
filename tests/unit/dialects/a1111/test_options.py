"""Options, styles and refusals."""

from pathlib import Path

import pytest

from limner.dialects.a1111.errors import invalid, refusal, refusal_of
from limner.dialects.a1111.models import ModelFile
from limner.dialects.a1111.options import changed_options, options_now, picture_format
from limner.dialects.a1111.styles import Style, read_styles, styled
from limner.graph.errors import GraphError

MODEL = ModelFile("a.safetensors", Path("/a.safetensors"), "ab" * 32)


def test_what_was_set_hides_what_options_are_at_first():
    now = options_now({"sd_vae": "my.vae", "own": [1], "sd_model_checkpoint": "gone"}, MODEL)
    assert (now["sd_vae"], now["own"], now["samples_format"]) == ("my.vae", [1], "png")
    assert now["sd_model_checkpoint"] == "a.safetensors [ababababab]"
    assert options_now({}, None)["sd_model_checkpoint"] is None


def test_only_what_differs_from_what_was_read_changes():
    now = options_now({}, MODEL)
    assert changed_options(now, now) == {}
    assert changed_options({**now, "sd_vae": "x", "new": {}}, now) == {"sd_vae": "x", "new": {}}
    with pytest.raises(GraphError, match="200 letters"):
        changed_options({"x" * 201: 1}, now)


@pytest.mark.parametrize(
    ("name", "value"), [("CLIP_stop_at_last_layers", "two"), ("sd_vae", 5), ("initial_noise_multiplier", False)]
)
def test_a_value_of_another_kind_is_refused_before_drawings_meet_it(name, value):
    with pytest.raises(GraphError) as caught:
        changed_options({name: value}, options_now({}, MODEL))
    assert refusal_of(caught.value)[1]["detail"][0]["loc"] == ["body", name]
    assert changed_options({"initial_noise_multiplier": 2}, options_now({}, MODEL)) == {"initial_noise_multiplier": 2}
    assert changed_options({name: None}, options_now({}, MODEL))[name] == options_now({}, MODEL)[name]


@pytest.mark.parametrize(("said", "ours"), [("jpg", "jpeg"), (".WEBP", "webp"), ("tiff", "png"), (None, "png")])
def test_pictures_come_in_formats_that_we_have(said, ours):
    assert picture_format({"samples_format": said}) == ours


def test_styles_take_the_prompt_in_or_go_behind_it():
    table = '\ufeffname,prompt,negative_prompt\noil,"oil painting of {prompt}, thick",photo\nred,red,\n,lost,\n'
    styles = read_styles(table)
    assert styles == [Style("oil", "oil painting of {prompt}, thick", "photo"), Style("red", "red")]
    assert styled("a cat", ["oil", "red", "none"], styles) == "oil painting of a cat, thick, red"
    assert styled("", ["oil", "red"], styles, negative=True) == "photo"
    assert read_styles("nothing of the kind") == []


def test_refusals_have_the_shapes_that_clients_read():
    error = GraphError("both", [*invalid("wrong", "steps").problems, *invalid("too", "args", 0).problems])
    status, body = refusal_of(error)
    assert status == 422
    assert [entry["loc"] for entry in body["detail"]] == [["body", "steps"], ["body", "args", 0]]
    assert refusal_of(refusal("no such")) == (
        404,
        {"error": "HTTPException", "detail": "no such", "body": "", "errors": "no such"},
    )
    assert refusal_of(GraphError("a graph that cannot run"))[0] == 500
