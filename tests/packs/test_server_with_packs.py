"""A running server with packs that work, packs that fail, and packs that take their process with them."""

import asyncio
import json
import os
import shutil
import signal
import struct
import time
import urllib.error
import urllib.request
from pathlib import Path

import aiohttp
import pytest
from tests.e2e.conftest import READY_SECONDS, LiveServer

PACKS = Path(__file__).parent
WELL = ("v1_basic", "v3_basic", "starts_early", "writes_directly", "flat_pack.py")
ILL = ("raises", "exits", "misses", "not_a_pack", "kills", "hangs")


def place(data, *names):
    folder = data / "custom_nodes"
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        source = PACKS / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, folder / name)


def node(kind, **inputs):
    return {"class_type": kind, "inputs": inputs}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    data = tmp_path_factory.mktemp("packs") / "data"
    place(data, *WELL, *ILL)
    (data / "models" / "early").mkdir(parents=True)
    (data / "models" / "early" / "first.safetensors").touch()
    running = LiveServer(data, "--pack-import-seconds", "5", "--device", "cpu")
    try:
        running.submit(
            {
                "1": node("EmptyImage", width=8, height=8, batch_size=1, color=0),
                "2": node("PreviewImage", images=["1", 0]),
            }
        )
        yield running
    finally:
        running.close()


def shown(server, document, target="show"):
    entry = server.wait(server.submit(document))
    assert entry["status"]["completed"], entry["status"]
    return entry["outputs"][target]


def raw(server, path, *, method="GET", body=None, headers=None):
    request = urllib.request.Request(server.url + path, body, headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def refused(server, document):
    status, _, body = raw(server, "/prompt", method="POST", body=json.dumps({"prompt": document}).encode())
    assert status == 400
    return json.loads(body)


def test_packs_that_fail_do_not_stop_the_others(server):
    packs = {entry["name"]: entry for entry in server.call("/limner/nodes")["packs"]}
    states = {name: entry["loaded"]["state"] for name, entry in packs.items()}
    assert {name for name, state in states.items() if state == "loaded"} == {name.removesuffix(".py") for name in WELL}
    assert states | {"kills": "off", "hangs": "off", "raises": "failed", "exits": "failed"} == states
    assert (states["misses"], states["not_a_pack"]) == ("failed", "skipped")
    assert "ended the whole process" in packs["kills"]["reason"]
    assert "took longer than 5 s" in packs["hangs"]["reason"]
    assert packs["misses"]["loaded"]["missing"] == ["comfy.utils.a_name_that_nobody_has"]
    assert list(packs["writes_directly"]["loaded"]["failures"]) == ["BrokenNode"]


def test_nodes_of_packs_are_listed_as_their_classes_say(server):
    info = server.call("/object_info")
    assert info["PackAdd"] == {
        "input": {
            "required": {"a": ["INT", {"default": 1, "min": -10, "max": 10}], "b": ["INT", {"default": 2}]},
        },
        "input_order": {"required": ["a", "b"]},
        "output": ["INT", "STRING"],
        "output_is_list": [False, False],
        "output_name": ["sum", "text"],
        "name": "PackAdd",
        "display_name": "Add (pack)",
        "description": "Adds.",
        "python_module": "custom_nodes.v1_basic",
        "category": "test/numbers",
        "output_node": False,
        "is_input_list": False,
        "output_tooltips": ["the sum", "as text"],
    }
    assert server.call("/api/object_info/PackAdd") == {"PackAdd": info["PackAdd"]}
    assert info["ThirdAdd"]["input"]["required"]["a"] == ["INT", {"default": 1, "min": 0, "max": 9}]
    assert (info["DirectNode"]["display_name"], info["DirectNode"]["python_module"]) == (
        "Direct",
        "custom_nodes.writes_directly",
    )
    assert "BrokenNode" not in info


def test_names_of_the_host_stay_its_own(server):
    assert server.call("/object_info/EmptyImage")["EmptyImage"]["python_module"] == "nodes"


def test_lists_are_those_of_now(server):
    early = server.data / "models" / "early"
    assert server.call("/object_info/EarlyModels")["EarlyModels"]["input"]["required"]["name"][0] == [
        "first.safetensors"
    ]
    (early / "second.safetensors").touch()
    listed = server.call("/object_info/EarlyModels")["EarlyModels"]["input"]["required"]["name"][0]
    assert listed == ["first.safetensors", "second.safetensors"]
    assert "second.safetensors" in server.call("/models/early_models")
    assert shown(server, {"show": node("EarlyModels", name="second.safetensors")})["path"] == [
        str(early / "second.safetensors")
    ]


def test_prestartup_scripts_come_before_the_tensor_library(server):
    assert shown(server, {"show": node("EarlyModels", name="first.safetensors")})["seen"] == ["torch=False base=True"]


@pytest.mark.parametrize(
    ("document", "text"),
    [
        ({"1": node("PackAdd", a=1, b=5)}, "6"),
        ({"1": node("PackSlowAdd", a=2, b=5)}, "7"),
        ({"1": node("ThirdAdd", a=3, b=5)}, "8"),
        ({"1": node("PackTimes", a=4, times=3)}, "12"),
        ({"1": node("DirectNode", n=3.5)}, "3.5"),
        ({"1": node("FlatDouble", value=1.5)}, "3.0"),
        ({"1": node("PackFlexible", y=["2", 0], x=1), "2": node("PackAdd", a=3, b=3)}, "x=1,y=6"),
        (
            {
                "1": node("PackJoin", values=["2", 0], separator="/"),
                "2": node("PackAdd", a=["3", 0], b=10),
                "3": node("PackRange", count=3),
            },
            "10/11/12",
        ),
        (
            {
                "1": node("PackChoose", first=False, yes=["2", 0], no=["3", 0]),
                "2": node("PackFail", message="never"),
                "3": node("PackAdd", a=1, b=1),
            },
            "2",
        ),
    ],
)
def test_nodes_of_packs_run(server, document, text):
    assert shown(server, {**document, "show": node("PackShow", value=["1", 0])})["text"] == [text]


def test_a_pack_calls_nodes_of_the_host(server):
    document = {"1": node("PackEmptyImage", side=4), "show": node("PreviewImage", images=["1", 0])}
    assert len(shown(server, document)["images"]) == 1


def test_validation_functions_of_packs_are_asked(server):
    document = {"1": node("PackChecked", number=7, mode="a"), "show": node("PackShow", value=["1", 0])}
    (problem,) = refused(server, document)["node_errors"]["1"]["errors"]
    assert (problem["type"], problem["details"]) == ("custom_validation_failed", "number - must be even")
    document["1"]["inputs"] = {"number": 8, "mode": "c"}
    (problem,) = refused(server, document)["node_errors"]["1"]["errors"]
    assert (problem["type"], problem["details"]) == ("value_not_in_list", "mode: 'c' not in ['a', 'b']")
    document["1"]["inputs"] = {"number": 8, "mode": "b"}
    assert shown(server, document)["text"] == ["8"]


def test_prompt_handlers_of_packs_see_prompts_first(server):
    document = {"1": node("PackOldName", a=1, b=1), "show": node("PackShow", value=["1", 0])}
    assert shown(server, document)["text"] == ["2"]


def test_routes_of_packs_are_served_at_both_paths(server):
    assert server.call("/pack/hello?name=a%20b") == {"hello": "a b"}
    assert server.call("/api/pack/hello") == {"hello": "world"}
    body = os.urandom(3 << 20)
    status, headers, answer = raw(server, "/pack/echo/me", method="POST", body=body)
    assert (status, headers["X-Name"], answer) == (200, "me", body)
    assert raw(server, "/pack/nothing")[0] == 404
    assert raw(server, "/pack/hello", method="PUT", body=b"")[0] == 405
    assert raw(server, "/pack/hello", headers={"Origin": "http://evil.example"})[0] == 403


def test_web_folders_are_served(server):
    scripts = server.call("/extensions")
    assert "/extensions/v1_basic/hello.js" in scripts
    assert "/extensions/third-basic/third.js" in scripts
    status, headers, body = raw(server, "/extensions/v1_basic/hello.js")
    assert (status, headers.get_content_type(), b"app.js" in body) == (200, "text/javascript", True)
    assert raw(server, "/extensions/v1_basic/../__init__.py")[0] in (400, 404)
    assert raw(server, "/extensions/v1_basic/%2e%2e/__init__.py")[0] in (400, 404)


async def listen(url, client, until, seconds=20):
    """Messages of a client until one of a kind."""
    found = []
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{url}/ws?clientId={client}") as socket:
        asking = None
        async with asyncio.timeout(seconds):
            async for entry in socket:
                if asking is None:
                    body = {"prompt": {"1": node("PackSpeak", text=f"for {client}")}, "client_id": client}
                    asking = await session.post(f"{url}/prompt", json=body)
                if entry.type is aiohttp.WSMsgType.TEXT:
                    found.append(json.loads(entry.data))
                    if found[-1]["type"] == until:
                        break
    return found


async def test_messages_of_packs_reach_their_client(server):
    found = await listen(server.url, "speaker", "pack.spoke")
    assert found[-1]["data"] == {"text": "for speaker", "node": "1"}


async def test_texts_of_packs_reach_everybody(server):
    async with aiohttp.ClientSession() as session, session.ws_connect(f"{server.url}/ws?clientId=reader") as socket:
        await socket.receive()
        await session.get(f"{server.url}/pack/shout?text=hey")
        async with asyncio.timeout(10):
            async for entry in socket:
                if entry.type is aiohttp.WSMsgType.BINARY:
                    break
    assert entry.data == struct.pack(">II", 3, 1) + b"7hey"


def test_installing_over_http_has_to_be_allowed(server):
    status, _, body = raw(server, "/limner/nodes/install", method="POST", body=b'{"sources": ["/tmp"]}')
    assert (status, json.loads(body)["error"]["type"]) == (403, "install_refused")


def test_packs_are_switched_over_http(server):
    body = json.dumps({"names": ["raises"]}).encode()
    assert json.loads(raw(server, "/limner/nodes/disable", method="POST", body=body)[2])["changed"] == ["raises"]
    assert (server.data / "custom_nodes" / "raises.disabled").is_dir()
    assert json.loads(raw(server, "/limner/nodes/enable", method="POST", body=body)[2])["changed"] == ["raises"]
    assert raw(server, "/limner/nodes/enable", method="POST", body=b'{"names": ["nobody"]}')[0] == 404
    assert raw(server, "/limner/nodes/enable", method="POST", body=b"[]")[0] == 400


def test_a_worker_that_is_started_anew_serves_packs_again(server):
    before = server.worker()
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        status, _, body = raw(server, "/pack/hello")
        if status == 200:
            break
        assert status in (404, 502), body
        time.sleep(0.3)
    assert json.loads(body) == {"hello": "world"}
    assert server.worker() != before
    assert shown(server, {"1": node("PackAdd", a=5, b=5), "show": node("PackShow", value=["1", 0])})["text"] == ["10"]


def test_all_packs_can_be_left_out_but_some(tmp_path):
    data = tmp_path / "data"
    place(data, "v1_basic", "v3_basic")
    running = LiveServer(data, "--disable-all-custom-nodes", "--whitelist-custom-nodes", "v3_basic", "--device", "cpu")
    try:
        running.submit(
            {
                "1": node("EmptyImage", width=8, height=8, batch_size=1, color=0),
                "2": node("PreviewImage", images=["1", 0]),
            }
        )
        info = running.call("/object_info")
        assert ("ThirdAdd" in info, "PackAdd" in info) == (True, False)
    finally:
        running.close()
