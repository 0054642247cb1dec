"""The OpenAPI document of the door is valid, and true: recorded requests and answers are what it says."""

import json

import jsonschema_rs
import pytest
from openapi_spec_validator import validate
from tests.golden.openai.exchange import exchanges

from limner.dialects.openai.openapi import openapi_document

DOCUMENT = openapi_document("http://here")
EXCHANGES = [case for case in exchanges() if case["path"].partition("?")[0] in DOCUMENT["paths"]]


def checked(value, schema):
    """Raises if a value is not as a schema of the document says."""
    jsonschema_rs.validate({"components": DOCUMENT["components"], **schema}, value)


def operation(case):
    return DOCUMENT["paths"][case["path"].partition("?")[0]].get(case["method"].lower())


def without_placeholders(value):
    return json.loads(json.dumps(value).replace('"<time>"', "1").replace('"<seconds>"', "1.5"))


def test_the_document_is_valid():
    validate(DOCUMENT)
    assert DOCUMENT["servers"] == [{"url": "http://here"}]


@pytest.mark.parametrize("case", EXCHANGES, ids=lambda case: case["name"])
def test_recorded_answers_are_as_it_says(case):
    described, answer = operation(case), case["answer"]
    if described is None:
        assert answer["status"] == 405
        return
    told = described["responses"].get(str(answer["status"]), described["responses"]["default"])
    kind = answer["headers"]["Content-Type"].partition(";")[0]
    assert kind in told["content"]
    if kind == "application/json":
        checked(without_placeholders(answer["reply"]), told["content"][kind]["schema"])


@pytest.mark.parametrize("case", EXCHANGES, ids=lambda case: case["name"])
def test_requests_that_are_fulfilled_are_as_it_says(case):
    described = operation(case)
    if described is not None and "json" in case and case["answer"]["status"] == 200:
        checked(case["json"], described["requestBody"]["content"]["application/json"]["schema"])
    else:
        assert described is None or "json" not in case or case["answer"]["status"] >= 400
