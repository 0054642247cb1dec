"""The OpenAPI document of the door is valid, and true: recorded requests and answers are what it says."""

import json

import jsonschema_rs
import pytest
from openapi_spec_validator import validate
from tests.golden.a1111.exchange import exchanges

from limner.dialects.a1111.openapi import openapi_document
from limner.server.routes import a1111_control, a1111_drawing, a1111_lists, a1111_options, a1111_pictures, a1111_state

DOCUMENT = openapi_document("http://here")
PATHS = DOCUMENT["paths"]
EXCHANGES = [case for case in exchanges() if case["path"].partition("?")[0] in PATHS]
MODULES = (a1111_control, a1111_drawing, a1111_lists, a1111_options, a1111_pictures, a1111_state)
REFRESHED = "/{refreshed:"


def operation(case):
    return PATHS[case["path"].partition("?")[0]][case["method"].lower()]


def checked(value, schema):
    """Raises if a value is not as a schema of the document says."""
    jsonschema_rs.validate({"components": DOCUMENT["components"], **schema}, value)


def without_placeholders(value):
    return json.loads(json.dumps(value).replace('"<seconds>"', "1.5"))


def test_the_document_is_valid():
    validate(DOCUMENT)
    assert DOCUMENT["servers"] == [{"url": "http://here"}]


def test_every_route_is_described_and_recorded():
    routes = {value for module in MODULES for value in vars(module).values() if type(value).__name__ == "Route"}
    served = {(route.method.lower(), path) for route in routes for path in route.paths if REFRESHED not in path}
    described = {(method, path) for path, methods in PATHS.items() for method in methods if "/refresh-" not in path}
    recorded = {(case["method"].lower(), case["path"].partition("?")[0]) for case in EXCHANGES}
    assert served == described
    assert described <= recorded


@pytest.mark.parametrize("case", EXCHANGES, ids=lambda case: case["name"])
def test_recorded_answers_are_as_it_says(case):
    answer = case["answer"]
    responses = operation(case)["responses"]
    told = responses.get(str(answer["status"]), responses["default"])
    reply = without_placeholders(answer["reply"])
    if isinstance(reply, dict) and isinstance(reply.get("info"), dict):
        reply["info"] = json.dumps(reply["info"])
    checked(reply, told["content"]["application/json"]["schema"])


@pytest.mark.parametrize("case", EXCHANGES, ids=lambda case: case["name"])
def test_requests_that_are_fulfilled_are_as_it_says(case):
    described = operation(case).get("requestBody")
    if described is None or case["answer"]["status"] >= 400:
        assert described is None or "json" in case or "text" in case
        return
    checked(case["json"], described["content"]["application/json"]["schema"])
