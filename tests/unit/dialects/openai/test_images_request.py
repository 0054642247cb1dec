"""What OpenAI's image requests mean."""

import pytest

from limner.dialects.openai.images_request import LARGEST_SEED, check_cost, read_images_request, read_size
from limner.graph.errors import GraphError


def read(**body):
    return read_images_request({"prompt": "a frog", **body})


def problem(**body):
    with pytest.raises(GraphError) as raised:
        read_images_request(body)
    return raised.value.problems[0]


def test_the_least_that_clients_send():
    asked = read(model=None, n=None, size="auto", seed=None, quality="", user="u", moderation="low")
    assert (asked.count, asked.size, asked.format, asked.as_address, asked.stream) == (1, None, "png", False, False)
    assert 0 <= asked.seed < LARGEST_SEED


def test_forms_say_everything_in_texts():
    asked = read(n="2", stream="True", partial_images="3", size="512x768", seed="7", strength="0.5", steps="12")
    assert (asked.count, asked.stream, asked.partial, asked.size) == (2, True, 3, (512, 768))
    assert (asked.seeds, asked.strength, asked.steps) == ((7, 8), 0.5, 12)


@pytest.mark.parametrize(
    ("body", "steps"),
    [({"quality": "low"}, 8), ({"quality": "hd"}, 40), ({"quality": "new word"}, 20),
     ({"quality": "hd", "sampling_steps": 5}, 5), ({"num_inference_steps": 6.0}, 6)],
)  # fmt: skip
def test_quality_is_steps_unless_they_are_given(body, steps):
    assert read(**body).steps == steps


def test_a_seed_may_be_any_text_and_means_the_same_each_time():
    assert read(seed="k3x9abcd").seed == read(seed="k3x9abcd").seed != read(seed="other").seed
    assert read(seed=2**32 + 5).seed == 5


@pytest.mark.parametrize(
    ("model", "form", "address"),
    [("dall-e-3", None, True), ("dall-e-3", "b64_json", False), ("gpt-image-1", None, False), (None, "url", True)],
)
def test_pictures_come_as_the_clients_of_a_name_read_them(model, form, address):
    assert read(model=model, response_format=form).as_address is address


def test_pictures_on_the_way_need_a_stream():
    assert read(partial_images=2).partial == 0


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "missing_required_parameter", "prompt"),
        ({"prompt": ""}, "missing_required_parameter", "prompt"),
        ({"prompt": ["a"]}, "invalid_type", "prompt"),
        ({"prompt": "x" * 32_001}, "string_above_max_length", "prompt"),
        ({"prompt": "x", "n": 0}, "invalid_value", "n"),
        ({"prompt": "x", "n": 11}, "invalid_value", "n"),
        ({"prompt": "x", "n": 1.5}, "invalid_value", "n"),
        ({"prompt": "x", "n": True}, "invalid_value", "n"),
        ({"prompt": "x", "size": "13x13"}, "invalid_value", "size"),
        ({"prompt": "x", "size": "big"}, "invalid_value", "size"),
        ({"prompt": "x", "size": "99999x8"}, "invalid_value", "size"),
        ({"prompt": "x", "output_format": "bmp"}, "invalid_value", "output_format"),
        ({"prompt": "x", "response_format": "file"}, "invalid_value", "response_format"),
        ({"prompt": "x", "stream": "perhaps"}, "invalid_type", "stream"),
        ({"prompt": "x", "cfg_scale": "nan"}, "invalid_value", "cfg_scale"),
        ({"prompt": "x", "steps": 10**400}, "invalid_value", "steps"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_field(body, code, param):
    found = problem(**body)
    assert (found.code, found.extra["param"], found.extra["status"]) == (code, param, 400)


def test_sizes():
    assert read_size("1024X1536") == (1024, 1536)
    assert read_size(None) is None


def test_pictures_that_cost_too_much_together_are_refused():
    check_cost(4, (4096, 4096))
    with pytest.raises(GraphError, match="fewer or smaller"):
        check_cost(10, (4096, 4096))


def test_a_request_with_a_key_has_the_same_seed_when_it_is_repeated():
    assert read_images_request({"prompt": "x"}, "key").seed == read_images_request({"prompt": "x"}, "key").seed
    assert read_images_request({"prompt": "x", "seed": 7}, "key").seed == 7
