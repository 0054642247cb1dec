"""Reading bodies: what counts as given, what is refused."""

import json

import pytest

from limner.dialects.comfy.prompt_request import MAX_ID, MOST_VALUES, read_json, read_prompt_request
from limner.graph.errors import DocumentError, GraphError

PROMPT = {"1": {"class_type": "A", "inputs": {}}}


def problem(body):
    with pytest.raises(GraphError) as caught:
        read_prompt_request(body)
    return caught.value.problems[0]


def test_null_means_not_given():
    names = ("client_id", "prompt_id", "number", "front", "extra_data", "partial_execution_targets")
    asked = read_prompt_request({"prompt": PROMPT} | dict.fromkeys(names))
    assert asked == read_prompt_request({"prompt": PROMPT})
    assert (asked.id, asked.client, asked.number, asked.targets, asked.front) == (None, None, None, None, False)


def test_fields_take_the_forms_that_clients_send():
    asked = read_prompt_request(
        {
            "prompt": PROMPT,
            "client_id": 7,
            "number": "7",
            "partial_execution_targets": [1, "2"],
            "extra_data": {"api_key_comfy_org": "k", "preview_method": "latent2rgb", "other": 1},
        }
    )
    assert (asked.client, asked.number, asked.targets) == ("7", 7.0, ("1", "2"))
    assert asked.secrets == {"api_key_comfy_org": "k"}
    assert asked.extra == {"preview_method": "latent2rgb", "other": 1, "client_id": "7"}
    assert asked.previews is True
    assert read_prompt_request({"prompt": PROMPT, "extra_data": {"preview_method": "none"}}).previews is False


def test_a_workflow_without_its_wrapping_gets_a_hint():
    assert 'Send the workflow as {"prompt": {...}}' in problem(PROMPT).details
    assert problem({}).details == "No prompt provided"


def test_ids_are_short_and_printable():
    for name in ("a/b", "x" * (MAX_ID + 1), "a\nb", {}, [], True):
        assert problem({"prompt": PROMPT, "prompt_id": name}).code == "invalid_prompt_id"
        assert problem({"prompt": PROMPT, "client_id": name}).code == "invalid_request"


def test_json_of_all_encodings_and_none():
    assert read_json('\ufeff{"a": "é"}'.encode()) == {"a": "é"}
    assert read_json('{"a": "é"}'.encode("utf-16")) == {"a": "é"}
    assert read_json(b'{"a": [NaN, Infinity, -Infinity]}') == {"a": [None, None, None]}
    assert read_json(b'{"a": "\\ud83d\\ude00 \\ud800"}') == {"a": "\U0001f600 ?"}
    for raw, said in ((b"", "empty"), (b"nope", "not JSON"), (b"[" * 100_000, "nested"), (b"\xff", "not JSON")):
        with pytest.raises(DocumentError, match=said):
            read_json(raw)


def test_a_body_of_countless_values_is_refused_before_it_is_decoded():
    with pytest.raises(DocumentError, match="more than"):
        read_json(b"[" + b"1," * (MOST_VALUES + 1) + b"1]")
    assert len(read_json(b'"' + b"x" * (3 << 20) + b'"')) == 3 << 20


def test_integers_that_no_worker_could_be_told_become_floats():
    """A job with one used to be accepted and then failed on its way to the worker."""
    values = [0, -7, 10**17, (1 << 64) - 1, -(1 << 63), 1 << 64, -(1 << 63) - 1, 10**30]
    read = read_json(json.dumps(values).encode())
    assert read == [*values[:5], float(1 << 64), float(-(1 << 63) - 1), 1e30]
    assert [type(value) for value in read] == [int] * 5 + [float] * 3


@pytest.mark.parametrize(
    ("method", "previews"),
    [
        ("none", False),
        ("auto", True),
        ("latent2rgb", True),
        ("taesd", True),
        ("default", None),
        ("other", None),
        (5, None),
        ({}, None),
        ([1], None),
    ],
)
def test_previews_are_asked_for_by_the_methods_that_there_are(method, previews):
    asked = read_prompt_request({"prompt": PROMPT, "extra_data": {"preview_method": method}})
    assert asked.previews is previews and asked.extra == {"preview_method": method}


def test_the_program_that_asks_is_kept_unless_the_body_names_it():
    assert read_prompt_request({"prompt": PROMPT}, "tool").extra == {"comfy_usage_source": "tool"}
    body = {"prompt": PROMPT, "extra_data": {"comfy_usage_source": "own"}}
    assert read_prompt_request(body, "tool").extra == {"comfy_usage_source": "own"}
