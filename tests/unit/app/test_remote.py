import json

import aiohttp
import pytest

from limner.app.preparation import Changes
from limner.app.remote import read_message, read_object_info, run_remotely
from limner.engine.events import Failed, NodeOutput, NodeProgress, NodeStarted, Succeeded
from limner.graph.errors import WorkerLostError


def text(kind, **data):
    return aiohttp.WSMessage(aiohttp.WSMsgType.TEXT, json.dumps({"type": kind, "data": data}), None)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        (text("executing", node="3", display_node="3", prompt_id="j"), NodeStarted),
        (text("progress", value=1, max=20, prompt_id="j", node="3"), NodeProgress),
        (text("executed", node="9", display_node="9", output={"images": []}, prompt_id="j"), NodeOutput),
        (text("execution_success", prompt_id="j", timestamp=1), Succeeded),
        (text("execution_error", prompt_id="j", node_id="3", exception_message="boom\n"), Failed),
    ],
)
def test_messages_become_events(message, event):
    assert isinstance(read_message(message, "j"), event)
    assert read_message(message, "another") is None


def test_object_info_becomes_node_types():
    info = {
        "KSampler": {
            "input": {
                "required": {
                    "model": ["MODEL"],
                    "seed": ["INT", {"default": 0, "min": 0}],
                    "sampler_name": [["euler", "heun"]],
                },
                "optional": {"mode": ["COMBO", {"options": ["a", "b"]}]},
            },
            "output": ["LATENT"],
            "output_name": ["LATENT"],
            "output_node": False,
        }
    }
    node = read_object_info(info)[0].nodes["KSampler"]
    assert [entry.type for entry in node.inputs] == ["MODEL", "INT", "COMBO", "COMBO"]
    assert node.inputs[2].choices == ("euler", "heun")
    assert not node.inputs[3].required
    assert node.outputs[0].type == "LATENT"


def test_an_address_needs_no_scheme(tmp_path):
    with pytest.raises(WorkerLostError, match="Connect call failed"):
        run_remotely("127.0.0.1:1", b"{}", Changes(), out=tmp_path, quiet=True)
