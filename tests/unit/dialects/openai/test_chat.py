"""Conversations as wishes for pictures, and pictures as messages."""

import json

import pytest

from limner.dialects.openai.chat_answer import DONE, Reply, in_words, picture_part
from limner.dialects.openai.chat_request import read_chat_request
from limner.dialects.openai.images_answer import Made
from limner.graph.errors import GraphError

SHOWN = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}


def chat(content: object = "a cat", **more: object):
    return {"model": "m", "messages": [{"role": "user", "content": content}], **more}


def test_the_last_message_of_the_user_is_the_prompt():
    messages = [
        {"role": "system", "content": "You are helpful."},
        {"role": "user", "content": "a dog"},
        {"role": "assistant", "content": "A picture.", "images": [SHOWN]},
        {"role": "user", "content": [{"type": "text", "text": "a cat"}, SHOWN, {"type": "text", "text": "in a hat"}]},
        {"role": "assistant", "content": "..."},
    ]
    read = read_chat_request({"messages": messages, "seed": 7, "response_format": {"type": "text"}})
    assert read.asked.prompt == "a cat\nin a hat"
    assert read.shown == ("data:image/png;base64,AAAA",)
    assert read.asked.seed == 7
    assert read.models == ()


@pytest.mark.parametrize(
    ("config", "size"),
    [
        ({}, None),
        ({"aspect_ratio": "1:1"}, (1024, 1024)),
        ({"aspect_ratio": "16:9"}, (1360, 768)),
        ({"aspect_ratio": "9:16", "image_size": "2K"}, (1536, 2736)),
        ({"image_size": "0.5k"}, (512, 512)),
        ({"image_size": "128x256"}, (128, 256)),
        ({"aspect_ratio": "8:1", "image_size": "4K"}, (4096, 1456)),
    ],
)
def test_shapes(config, size):
    assert read_chat_request(chat(image_config=config)).asked.size == size


@pytest.mark.parametrize(
    ("modalities", "told", "linked"),
    [(None, True, True), (["text"], True, True), (["image", "text"], True, False), (["image"], False, False)],
)
def test_words_and_pictures_as_they_are_wanted(modalities, told, linked):
    read = read_chat_request(chat(modalities=modalities))
    assert (read.told, read.linked) == (told, linked)


def test_models_are_tried_in_their_order():
    assert read_chat_request(chat(models=["n", "m", "o"])).models == ("m", "n", "o")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": []},
        {"messages": "a cat"},
        {"messages": [{"role": "assistant", "content": "x"}]},
        {"messages": [{"role": "user", "content": []}]},
        {"messages": [{"role": "user", "content": 5}]},
        chat([{"type": "image_url"}]),
        chat([SHOWN] * 17),
        chat(modalities="image"),
        chat(models=[1]),
        chat(image_config=[]),
        chat(image_config={"aspect_ratio": "1:0"}),
        chat(image_config={"aspect_ratio": "1:nan"}),
        chat(image_config={"aspect_ratio": "wide"}),
        chat(image_config={"image_size": "8K"}),
        chat(stream_options=3),
    ],
)
def test_what_cannot_be_meant_is_refused(body):
    with pytest.raises(GraphError) as refused:
        read_chat_request(body)
    assert refused.value.problems[0].extra["status"] == 400


REPLY = Reply(name="n", model="m", made=Made(size=(64, 32), format="png", prompt="four", count=1, cost=0.25))


def test_an_answer_holds_words_pictures_and_what_they_cost():
    told = REPLY.whole("words", [picture_part(0, "png", b"abc")])
    message = told["choices"][0]["message"]
    assert message["content"] == "words"
    assert message["images"][0]["image_url"]["url"] == "data:image/png;base64,YWJj"
    assert told["usage"]["total_tokens"] == told["usage"]["prompt_tokens"] + told["usage"]["completion_tokens"] == 3
    assert told["usage"]["cost"] == 0.25


def test_chunks_end_with_the_usage_if_it_is_wanted():
    for counted in (True, False):
        *chunks, end = REPLY.chunks("words", [picture_part(0, "png", b"abc")], counted=counted)
        told = [json.loads(chunk.removeprefix(b"data: ")) for chunk in chunks]
        assert end == DONE
        deltas = [chunk["choices"][0]["delta"] for chunk in told if chunk["choices"]]
        assert [list(delta) for delta in deltas] == [["content"], ["images"], []]
        assert ("usage" in told[-1]) == counted
        assert [c["choices"][0]["finish_reason"] for c in told if c["choices"]] == [None, None, "stop"]


def test_words_show_pictures_to_those_who_know_only_words():
    assert in_words(REPLY.made, "m", 5) == "A picture of 64 x 32 pixels by m, seed 5."
    assert in_words(REPLY.made, "m", 5, ["http://a/b"]).endswith("\n\n![Picture 1](http://a/b)")
