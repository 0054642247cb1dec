"""Which model a client of OpenAI's means."""

import pytest

from limner.dialects.openai.models import choose_model, is_known, model_list, read_aliases
from limner.graph.errors import GraphError, SettingsError

THERE = ["a.safetensors", "sub/b.ckpt"]


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        (None, "sub/b.ckpt"), ("", "sub/b.ckpt"), ("gpt-image-1", "sub/b.ckpt"), ("dall-e-3", "a.safetensors"),
        ("a", "a.safetensors"), ("a.safetensors", "a.safetensors"), ("sub/b", "sub/b.ckpt"), ("mine", "a.safetensors"),
    ],
)  # fmt: skip
def test_names_and_aliases(asked, chosen):
    assert choose_model(asked, THERE, {"dall-e-3": "a", "mine": "a.safetensors"}, "sub/b.ckpt") == chosen


def test_an_unknown_model_is_refused_with_those_near_it():
    with pytest.raises(GraphError, match=r"'sub/c'.*sub/b") as raised:
        choose_model("sub/c", THERE, {}, "a")
    assert raised.value.problems[0].extra["status"] == 404
    with pytest.raises(GraphError, match="limner pull"):
        choose_model(None, [], {}, "")


def test_models_of_other_services_keep_their_names_and_come_before_our_meaning_of_an_alias():
    there = [*THERE, "far/gpt-image-1.5", "gpt-image-1"]
    assert [entry["id"] for entry in model_list(there)["data"]][2:] == ["far/gpt-image-1.5", "gpt-image-1"]
    assert choose_model("far/gpt-image-1.5", there, {}, "a") == "far/gpt-image-1.5"
    assert choose_model("gpt-image-1", there, {}, "a") == "gpt-image-1"
    assert choose_model("gpt-image-1", there, {"gpt-image-1": "a"}, "sub/b") == "a.safetensors"


def test_apps_are_models_too():
    there = [*THERE, "app/poster"]
    assert choose_model("app/poster", there, {}, "a") == "app/poster"
    assert choose_model("dall-e-3", there, {"dall-e-3": "app/poster"}, "a") == "app/poster"
    assert choose_model("gpt-image-1", there, {}, "app/poster") == "app/poster"
    owners = {entry["id"]: entry["owned_by"] for entry in model_list(there)["data"]}
    assert owners == {"a": "limner", "sub/b": "limner", "app/poster": "app"}
    assert is_known("app/poster", there, {})


def test_the_list_has_names_without_suffixes():
    assert [entry["id"] for entry in model_list(THERE)["data"]] == ["a", "sub/b"]
    assert is_known("gpt-image-1", THERE, {})
    assert not is_known("c", THERE, {})


def test_aliases_of_a_command_line():
    assert read_aliases(["dall-e-3=sdxl", " a = b/c.ckpt "]) == {"dall-e-3": "sdxl", "a": "b/c.ckpt"}
    with pytest.raises(SettingsError, match="NAME=CHECKPOINT"):
        read_aliases(["dall-e-3"])
