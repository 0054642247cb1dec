"""Limner's tools, called by the protocol's own client over standard streams and over HTTP."""

import asyncio
import base64
import contextlib
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import urllib.request

import pytest
from mcp import Client, MCPError
from mcp.client.stdio import StdioServerParameters
from PIL import Image
from tests.e2e.conftest import ROOT, LiveServer

from limner_mcp.door import Door
from limner_mcp.server import build_server
from limner_mcp.starting import answers

SMALL = {"width": 128, "height": 128, "steps": 3, "seed": 7}
PATIENT = {"wait": 300}
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
COMMAND = [sys.executable, "-m", "limner", "mcp"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that asks for keys, and the keys of two people."""
    data, keys = tmp_path_factory.mktemp("mcp") / "data", {}
    for user in ("anna", "ben"):
        command = [*COMMAND[:3], "keys", "create", "--user", user, "--data", str(data)]
        made = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=True)
        keys[user] = made.stdout.strip()
    running = LiveServer(data, "--accounts", "on", "--threads", "1")
    running.keys = keys
    try:
        yield running
    finally:
        running.close()


def stdio(server, mode="auto"):
    arguments = [*COMMAND[1:], "--server", server.url]
    environment = {**ENVIRONMENT, "LIMNER_KEY": server.keys["anna"]}
    return Client(StdioServerParameters(command=COMMAND[0], args=arguments, env=environment), mode=mode)


def at_hand(server, user="anna", **more):
    """The tools in this process."""
    return Client(build_server(Door(server.url, server.keys.get(user, ""), **more)))


@contextlib.contextmanager
def over_http(server, port, *options):
    """The tools at an address."""
    command = [*COMMAND, "--server", server.url, "--key", server.keys["anna"], "--http", "--port", str(port), *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    try:
        yield re.search(r"http://\S+/mcp", process.stderr.readline())[0]
    finally:
        process.terminate()
        process.wait(20)
        process.stderr.close()


def pictures(answer):
    return [base64.b64decode(part.data) for part in answer.content if part.type == "image"]


def links(answer):
    return [part for part in answer.content if part.type == "resource_link"]


def digest(data):
    with Image.open(io.BytesIO(data)) as image:
        return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


def text(answer):
    return answer.content[0].text


async def test_a_picture_is_drawn_shown_and_linked_and_its_steps_are_told(server):
    told = []

    async def progress(done, total, message):
        told.append((done, total, message))

    async with stdio(server) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        assert names >= {"generate", "edit", "run_app", "list_models", "list_apps", "job_status", "cancel"}
        wish = {"prompt": "a red apple", **SMALL, **PATIENT, "count": 2}
        answer = await client.call_tool("generate", wish, progress_callback=progress)
        assert not answer.is_error, text(answer)
        assert answer.structured_content["status"] == "succeeded"
        assert answer.structured_content["seed"] == 7
        shown = pictures(answer)
        assert [Image.open(io.BytesIO(data)).size for data in shown] == [(128, 128)] * 2
        for link, data in zip(links(answer), shown, strict=True):
            read = (await client.read_resource(link.uri)).contents[0]
            assert (read.mime_type, base64.b64decode(read.blob)) == ("image/png", data)
        alone = await client.call_tool("generate", {**wish, "seed": 8, "count": 1})
        assert digest(pictures(alone)[0]) == digest(shown[1])
    assert any(message == "step 3 of 3" for _, _, message in told)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)


async def test_a_picture_is_changed_by_what_an_earlier_answer_names_and_by_a_file(server, tmp_path):
    async with stdio(server) as client:
        first = await client.call_tool("generate", {"prompt": "a red apple", **SMALL, **PATIENT})
        uri = links(first)[0].uri
        wish = {"prompt": "a green apple", "steps": 3, "seed": 1, "strength": 0.5, **PATIENT}
        changed = await client.call_tool("edit", {"image": uri, **wish})
        assert not changed.is_error, text(changed)
        file = tmp_path / "apple.png"
        file.write_bytes(pictures(first)[0])
        again = await client.call_tool("edit", {"image": str(file), **wish})
        data = "data:image/png;base64," + base64.b64encode(pictures(first)[0]).decode()
        third = await client.call_tool("edit", {"image": data, **wish})
        assert len({digest(pictures(answer)[0]) for answer in (changed, again, third)}) == 1
        assert digest(pictures(changed)[0]) != digest(pictures(first)[0])
        hole = Image.new("RGBA", (128, 128), (0, 0, 0, 255))
        hole.paste((0, 0, 0, 0), (64, 0, 128, 128))
        hole.save(tmp_path / "mask.png")
        painted = await client.call_tool("edit", {"image": uri, "mask": str(tmp_path / "mask.png"), **wish})
        before, after = (Image.open(io.BytesIO(pictures(answer)[0])).convert("RGB") for answer in (first, painted))
        assert before.crop((0, 0, 60, 128)).tobytes() == after.crop((0, 0, 60, 128)).tobytes()


async def test_an_app_is_run_with_what_it_asks_for_and_draws_what_generate_draws(server):
    async with at_hand(server) as client:
        apps = {app["name"]: app for app in (await client.call_tool("list_apps", {})).structured_content["apps"]}
        assert {"prompt", "seed"} <= {entry["name"] for entry in apps["text-to-image"]["inputs"]}
        wish = {"prompt": "a red apple", **SMALL}
        mistaken = {**wish, "promt": "a pear"}
        ran = await client.call_tool("run_app", {"app": "text-to-image", "inputs": mistaken, **PATIENT})
        assert not ran.is_error, text(ran)
        assert "There is no input 'promt'" in text(ran)
        assert ran.structured_content["inputs"]["seed"] == 7
        told = ran.structured_content["inputs"]  # An app begins with what its model draws well with.
        names = {"guidance": "guidance", "sampler": "sampler", "scheduler": "schedule"}
        settings = {name: told[own] for name, own in names.items() if own in told}
        drawn = await client.call_tool("generate", {**wish, **settings, **PATIENT})
        assert digest(pictures(ran)[0]) == digest(pictures(drawn)[0])
        over = {
            "image": links(ran)[0].uri,
            "prompt": "a green apple",
            "steps": 2,
            "seed": 1,
            "width": 128,
            "height": 128,
        }
        painted = await client.call_tool("run_app", {"app": "image-to-image", "inputs": over, **PATIENT})
        assert not painted.is_error, text(painted)
        assert digest(pictures(painted)[0]) != digest(pictures(ran)[0])


async def test_a_saved_app_is_a_model_for_its_owner_alone(server):
    workflow = json.loads((ROOT / "examples/text-to-image.json").read_text())
    workflow["5"]["inputs"]["steps"] = 2
    headers = {"Authorization": f"Bearer {server.keys['anna']}"}

    def saved(method, body=None):
        request = urllib.request.Request(f"{server.url}/apps/poster", body, headers, method=method)
        with urllib.request.urlopen(request) as answer:
            answer.read()

    saved("PUT", json.dumps(workflow).encode())
    async with at_hand(server, "ben") as client:
        assert "app/poster" not in (await client.call_tool("list_models", {})).structured_content["models"]
        refused = await client.call_tool("generate", {"prompt": "a red apple", "model": "app/poster"})
        assert "no model named 'app/poster'" in text(refused)
    async with at_hand(server) as client:
        assert "app/poster" in (await client.call_tool("list_models", {})).structured_content["models"]
        wish = {"prompt": "a red apple", "seed": 7}
        drawn = await client.call_tool("generate", {**wish, "model": "app/poster", **PATIENT})
        assert not drawn.is_error, text(drawn)
        ran = await client.call_tool("run_app", {"app": "poster", "inputs": wish, **PATIENT})
        assert digest(pictures(drawn)[0]) == digest(pictures(ran)[0])
    saved("DELETE")


async def test_what_is_not_waited_for_goes_on_and_is_found_by_its_id(server):
    async with stdio(server, mode="legacy") as client:  # Hosts of before 2026 begin otherwise.
        answer = await client.call_tool("generate", {"prompt": "a tree", **SMALL, "wait": 0})
        assert answer.structured_content["status"] in ("queued", "running")
        assert pictures(answer) == []
        job = answer.structured_content["job"]
        done = await client.call_tool("job_status", {"job": job, **PATIENT})
        assert (done.structured_content["status"], len(pictures(done))) == ("succeeded", 1)
        late = await client.call_tool("cancel", {"job": job})
        assert late.structured_content == {"job": job, "status": "succeeded", "was": "succeeded"}


async def test_jobs_are_stopped_by_a_tool_and_by_giving_a_call_up(server):
    slow = {"prompt": "a house", **SMALL, "steps": 400}
    async with stdio(server) as client:
        first = await client.call_tool("generate", {**slow, "wait": 0})
        second = await client.call_tool("generate", {**slow, "seed": 8, "wait": 0})
        while server.call(f"/queue?api_key={server.keys['anna']}")["queue_running"] == []:
            await asyncio.sleep(0.05)
        for answer in (second, first):
            job = answer.structured_content["job"]
            assert (await client.call_tool("cancel", {"job": job})).structured_content["status"] == "canceled"
        ended = await client.call_tool("job_status", {"job": first.structured_content["job"], **PATIENT})
        assert ended.structured_content["status"] == "canceled"
        begun = asyncio.Event()

        async def progress(*told):
            begun.set()

        call = asyncio.ensure_future(client.call_tool("generate", {**slow, "seed": 9}, progress_callback=progress))
        await asyncio.wait_for(begun.wait(), 120)
        call.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await call
    deadline = asyncio.get_running_loop().time() + 30
    while len(stopped := server.call(f"/api/jobs?status=cancelled&api_key={server.keys['anna']}")["jobs"]) < 2:
        assert asyncio.get_running_loop().time() < deadline, stopped
        await asyncio.sleep(0.1)


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("generate", {"prompt": "x", "model": "none"}, "none"),
        ("generate", {"prompt": "x", "width": 128}, "Give both width and height"),
        ("generate", {"prompt": "x", "sampler": "eulr"}, "Nearest: euler"),
        ("generate", {}, "prompt"),
        ("edit", {"prompt": "x", "image": "https://127.0.0.1/x.png"}, "is no picture"),
        ("edit", {"prompt": "x", "image": "/etc/passwd"}, "no picture by its name"),
        ("edit", {"prompt": "x", "image": "/nowhere.png"}, "cannot be read"),
        ("edit", {"prompt": "x", "image": "data:image/png;base64,bm90aGluZw=="}, "image"),
        ("edit", {"prompt": "x", "image": "limner://jobs/none/1.png"}, "There is no job none"),
        ("run_app", {"app": "none/../../x", "inputs": {}}, "There is no app"),
        ("run_app", {"app": "text-to-image"}, "prompt"),
        ("run_app", {"app": "text-to-image", "inputs": {"prompt": "x", "steps": -1}}, "steps"),
        ("job_status", {"job": "none"}, "There is no job none"),
        ("job_status", {"job": "../../queue"}, "no id of a job"),
        ("cancel", {"job": "none"}, "There is no job none"),
    ],
)
async def test_what_cannot_be_done_is_said(tool, arguments, said, server):
    async with at_hand(server, local=True) as client:
        answer = await client.call_tool(tool, arguments)
        assert answer.is_error
        assert said in text(answer)


async def test_a_server_that_is_not_there_is_said_with_what_to_do(unused_tcp_port):
    async with Client(build_server(Door(f"http://127.0.0.1:{unused_tcp_port}"))) as client:
        answer = await client.call_tool("list_models", {})
        assert answer.is_error
        assert "limner serve" in text(answer)


async def test_over_http_files_of_the_machine_are_nobodys_to_name(server, tmp_path, unused_tcp_port):
    Image.new("RGB", (64, 64)).save(tmp_path / "mine.png")
    with over_http(server, unused_tcp_port) as address:
        async with Client(await opened(address)) as client:
            models = (await client.call_tool("list_models", {})).structured_content
            assert models["models"] == ["limner-mini"]
            assert {"euler", "dpmpp_2m"} <= set(models["samplers"])
            assert "karras" in models["schedulers"]
            drawn = await client.call_tool("generate", {"prompt": "a red apple", **SMALL, **PATIENT})
            assert digest(pictures(drawn)[0])
            answer = await client.call_tool("edit", {"prompt": "x", "image": str(tmp_path / "mine.png")})
            assert answer.is_error
            assert "is no picture" in text(answer)


async def opened(address):
    """The address as soon as somebody listens there."""
    deadline = asyncio.get_running_loop().time() + 30
    host, port = re.search(r"//(.+):(\d+)/", address).groups()
    while True:
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.05)
            continue
        writer.close()
        await writer.wait_closed()
        return address


async def test_the_configuration_that_the_documentation_shows_starts_a_server_that_ends_with_the_tools(
    tmp_path, unused_tcp_port
):
    page = (ROOT / "docs" / "mcp.md").read_text()
    shown = json.loads(re.search(r"```json\n(.+?)```", page, re.DOTALL)[1])["mcpServers"]["limner"]
    assert shown["command"] == "limner"
    address = f"http://127.0.0.1:{unused_tcp_port}"
    own = {"LIMNER_SERVER": address, "LIMNER_DATA": str(tmp_path / "data")}
    environment = {**ENVIRONMENT, **shown["env"], **own}
    started = StdioServerParameters(command=COMMAND[0], args=[*COMMAND[1:3], *shown["args"]], env=environment)
    async with Client(started) as client:
        tools = [tool.name for tool in (await client.list_tools()).tools]
        assert [name for name in tools if f"`{name}`" not in page] == []
        assert "There is no job none" in text(await client.call_tool("job_status", {"job": "none"}))
    deadline = asyncio.get_running_loop().time() + 30
    while answers(address):
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.1)


async def test_neither_of_two_people_sees_what_is_the_other_s(server):
    async with at_hand(server, "nobody") as nobody:
        assert "LIMNER_KEY" in text(await nobody.call_tool("list_models", {}))
    async with at_hand(server, "anna") as anna:
        drawn = await anna.call_tool("generate", {"prompt": "a red apple", **SMALL, **PATIENT})
        uri, job = links(drawn)[0].uri, drawn.structured_content["job"]
        assert (await anna.read_resource(uri)).contents
        assert uri in [resource.uri for resource in (await anna.list_resources()).resources]
    async with at_hand(server, "ben") as ben:
        assert "There is no job" in text(await ben.call_tool("job_status", {"job": job}))
        assert "There is no job" in text(await ben.call_tool("cancel", {"job": job}))
        with pytest.raises(MCPError, match="There is no job"):
            await ben.read_resource(uri)
        assert (await ben.list_resources()).resources == []


def test_a_key_is_not_lent_to_everybody_who_can_reach_an_address(server):
    command = [*COMMAND, "--http", "--host", "0.0.0.0", "--key", "secret"]
    answer = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, timeout=60)
    assert answer.returncode == 2
    assert "Their own keys come with their requests" in answer.stderr
