"""Recorded requests and answers of ComfyUI (see tests/golden/comfy/README.md), sent to this server."""

import json
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[2] / "golden" / "comfy"
REFUSALS = json.loads((GOLDEN / "refusals.json").read_text())
MESSAGES = json.loads((GOLDEN / "messages.json").read_text())


def assert_holds(actual, expected, where=""):
    """All that is expected is there; more may be."""
    if isinstance(expected, dict):
        assert isinstance(actual, dict), where
        for key, value in expected.items():
            assert key in actual, f"{where}.{key}"
            assert_holds(actual[key], value, f"{where}.{key}")
    elif isinstance(expected, list) and expected and isinstance(expected[0], dict):
        assert len(actual) == len(expected), where
        for index, value in enumerate(expected):
            assert_holds(actual[index], value, f"{where}[{index}]")
    else:
        assert actual == expected, where


@pytest.mark.parametrize("case", REFUSALS, ids=lambda case: case["name"])
async def test_posted_prompts_are_answered_as_recorded(serving, case):
    answer = await serving.client.post("/prompt", json=case["body"])
    assert answer.status == case["status"]
    assert_holds(await answer.json(), case["reply"])


async def test_runs_are_told_as_recorded(serving, document, follow):
    socket = await serving.socket("a")
    body = {"prompt": document("EmptyImage", "PreviewImage", "SaveImage"), "client_id": "a"}
    for expected in MESSAGES.values():
        await serving.post(body)
        kinds = [message["type"] for message in await follow(socket)]
        assert kinds[kinds.index("execution_start") :] == expected


async def test_a_value_that_is_not_in_a_list_names_the_nearest(serving):
    node = {"class_type": "KSampler", "inputs": {"seed": 1, "sampler_name": "eulr", "scheduler": "normal"}}
    prompt = {"1": node, "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}}}
    reply = await (await serving.client.post("/prompt", json={"prompt": prompt})).json()
    error = reply["node_errors"]["1"]["errors"][0]
    assert error["type"] == "value_not_in_list"
    assert error["details"].startswith("sampler_name: 'eulr' not in ['euler', 'heun']")
