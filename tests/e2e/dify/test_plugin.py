"""The plugin for Dify under the SDK's own runner, over its protocol, against a whole server.

The SDK patches the standard library and pins packages of its own, so it runs in a place and a process of its own:
`make dify-test`.
"""

import base64
import hashlib
import http.server
import io
import json
import os
import subprocess
import threading
import urllib.request

import pytest
from PIL import Image
from tests.e2e.client_play import blank, painting, red
from tests.e2e.conftest import ROOT, LiveServer

pytestmark = pytest.mark.slow

HERE = ROOT / "tests" / "e2e" / "dify"
PYTHON = ROOT / "build" / "dify-venv" / "bin" / "python"
SMALL = {"width": 128, "height": 128, "steps": 3, "seed": 7}
WISH = {"prompt": "a red apple", **SMALL}


class Plugin:
    """The plugin, behind the SDK's runner."""

    def __init__(self, folder, server):
        self.url = server.url
        command = folder / "dify"
        command.write_text(f'#!/bin/sh\nexec "{PYTHON}" "{HERE / "command_line.py"}" "$@"\n')
        command.chmod(0o755)
        self.process = subprocess.Popen(
            [PYTHON, HERE / "driver.py", ROOT / "integrations" / "dify", command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )

    def ask(self, do, **asked):
        credentials = {"base_url": self.url, **asked.pop("credentials", {})}
        self.process.stdin.write(json.dumps({"do": do, "credentials": credentials, **asked}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def tool(self, tool, do="invoke", **parameters):
        answer = self.ask(do, tool=tool, parameters=parameters)
        assert "error" not in answer, answer["error"][:600]
        return Told(answer["told"])

    def close(self):
        self.process.stdin.close()
        self.process.wait(30)
        self.process.stdout.close()


class Told:
    """What a tool said."""

    def __init__(self, messages):
        self.kinds = [message["type"] for message in messages]
        said = {kind: [message for message in messages if message["type"] == kind] for kind in self.kinds}
        self.text = said["text"][0]["message"]["text"]
        self.json = said["json"][0]["message"]["json_object"]
        self.files = [bytes.fromhex(message["message"]["blob"]) for message in said.get("blob", ())]
        self.metas = [message["meta"] for message in said.get("blob", ())]
        self.images = [message["message"]["text"] for message in said.get("image", ())]
        values = [message["message"] for message in said.get("variable", ())]
        self.variables = {value["variable_name"]: value["variable_value"] for value in values}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    running = LiveServer(tmp_path_factory.mktemp("dify") / "data", "--threads", "1", "--substitute")
    try:
        running.wait(running.submit(blank()))
        yield running
    finally:
        running.close()


@pytest.fixture(scope="module")
def plugin(server, tmp_path_factory):
    running = Plugin(tmp_path_factory.mktemp("plugin"), server)
    try:
        yield running
    finally:
        running.close()


def digest(data):
    with Image.open(io.BytesIO(data)) as image:
        return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


def uploaded(server, name, data=None):
    """A file as Dify hands it to a tool: an address and facts."""
    edge = b"edge"
    head = f'Content-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'.encode()
    body = b"--" + edge + b"\r\n" + head + (data or red()) + b"\r\n--" + edge + b"--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=edge"}
    with urllib.request.urlopen(urllib.request.Request(f"{server.url}/upload/image", body, headers)) as answer:
        kept = json.loads(answer.read())["name"]
    address = f"{server.url}/view?filename={kept}&type=input"
    return {"dify_model_identity": "__dify__file__", "url": address, "type": "image", "filename": name}


def test_the_picture_that_every_door_draws(plugin, server):
    told = plugin.tool("text_to_image", **WISH)
    assert told.kinds[:3] == ["text", "json", "blob"]
    assert told.text == f"Made {told.json['files'][0]['filename']} with seed 7."
    assert (told.json["status"], told.json["seed"]) == ("succeeded", 7)
    assert told.metas == [{"mime_type": "image/png", "filename": told.json["files"][0]["filename"]}]
    assert told.variables == {
        "run_id": told.json["run_id"],
        "status": "succeeded",
        "seed": 7,
        "urls": [told.json["files"][0]["url"]],
    }
    wish = {"prompt": "a red apple", "size": "128x128", "steps": 3, "seed": 7}
    drawn = server.call("/v1/images/generations", wish)["data"][0]["b64_json"]
    assert digest(told.files[0]) == digest(base64.b64decode(drawn))


def test_the_class_alone_says_the_same(plugin):
    over_protocol, alone = plugin.tool("text_to_image", **WISH), plugin.tool("text_to_image", do="call", **WISH)
    assert over_protocol.kinds == alone.kinds
    assert digest(over_protocol.files[0]) == digest(alone.files[0])


def test_addresses_instead_of_files_and_another_form(plugin):
    told = plugin.tool("text_to_image", **WISH, delivery="url", format="webp")
    assert told.files == []
    assert told.images == told.variables["urls"]
    assert told.json["files"][0]["media_type"] == "image/webp"


def test_a_seed_that_is_not_given_is_told(plugin):
    told = plugin.tool("text_to_image", **{**WISH, "seed": None})
    again = plugin.tool("text_to_image", **{**WISH, "seed": float(told.variables["seed"])})
    assert digest(told.files[0]) == digest(again.files[0])


def test_a_picture_is_painted_over(plugin, server):
    file = uploaded(server, "red.png")
    wish = {"prompt": "a red apple", "steps": 3, "seed": 7, "image": file}
    told = plugin.tool("image_to_image", **wish, denoise=0.5)
    other = plugin.tool("image_to_image", **wish, denoise=0.9)
    assert Image.open(io.BytesIO(told.files[0])).size == (64, 64)
    assert digest(told.files[0]) != digest(other.files[0])


def test_an_app_with_pictures_in_the_order_that_is_asked_for(plugin, server):
    graph = {
        "35": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
        "69": {"class_type": "LoadImage", "inputs": {"image": "b.png"}},
        "7": {"class_type": "SaveImage", "inputs": {"images": ["69", 0], "filename_prefix": "second"}},
        "8": {"class_type": "SaveImage", "inputs": {"images": ["35", 0], "filename_prefix": "first"}},
    }
    server.call("/apps/two-pictures", {"workflow": graph}, method="PUT")
    blue = io.BytesIO()
    Image.new("RGB", (32, 32), "blue").save(blue, "PNG")
    images = [uploaded(server, "red.png"), uploaded(server, "blue.png", blue.getvalue())]
    told = plugin.tool("run_app", app="two-pictures", images=images, image_ids="69,35")
    colours = [Image.open(io.BytesIO(data)).convert("RGB").getpixel((5, 5)) for data in told.files]
    assert colours == [(255, 0, 0), (0, 0, 255)]
    options = plugin.ask("options", tool="run_app", parameter="app")["told"][0]["options"]
    assert "two-pictures" in [option["value"] for option in options]


def test_an_app_with_its_inputs_as_fields_and_as_json(plugin):
    as_fields = plugin.tool("run_app", app="text-to-image", **WISH, unknown="x")
    as_json = plugin.tool("run_app", app="text-to-image", inputs=json.dumps(WISH))
    assert digest(as_fields.files[0]) == digest(as_json.files[0])
    fields = plugin.ask("runtime", tool="run_app")["told"][0]["parameters"]
    kinds = {field["name"]: (field["type"], field["form"]) for field in fields}
    assert kinds["prompt"] == ("string", "llm")
    assert kinds["steps"] == ("number", "llm")
    assert kinds["image"] == ("file", "llm")
    assert kinds["sampler"] == ("select", "form")


def test_choices_of_a_form_come_from_the_server(plugin):
    asked = plugin.ask("options", tool="text_to_image", parameter="model")
    assert [option["value"] for option in asked["told"][0]["options"]] == ["limner-mini.safetensors"]


def test_a_pasted_workflow_with_placeholders_and_one_without(plugin):
    graph = painting(3)
    positive, negative = (graph["3"]["inputs"][name][0] for name in ("positive", "negative"))
    plain = plugin.tool("run_workflow", workflow_json=json.dumps(graph), prompt='a "red" apple', seed=5)
    graph[positive]["inputs"]["text"] = "{{positive_prompt}}"
    graph[negative]["inputs"]["text"] = "{{negative_prompt}}"
    told = plugin.tool(
        "run_workflow", workflow_json=json.dumps(graph), prompt='a "red" apple', negative_prompt="", seed=5
    )
    assert told.json["seed"] == 5
    assert Image.open(io.BytesIO(told.files[0])).size == (128, 128)
    assert digest(told.files[0]) != digest(plain.files[0])  # The negative text of the one is that of the file.


def test_the_file_that_an_editor_saves(plugin):
    workflow = (ROOT / "tests/golden/workflows/SD1.5_text2image_vae-ft-mse-840000.json").read_text()
    inputs = {"prompt": "a tree", "seed": 1}
    answer = plugin.ask("invoke", tool="run_workflow", parameters={"workflow_json": workflow, "inputs": inputs})
    assert "told" in answer, answer["error"][:600]


def test_a_run_that_takes_too_long_is_cancelled_and_its_state_can_be_asked_for(plugin, server):
    answer = plugin.ask("invoke", tool="text_to_image", parameters={**WISH, "steps": 150, "width": 512, "timeout": 1})
    assert "was not done after 1 s and was cancelled" in answer["error"]
    run = server.call("/api/jobs?status=cancelled")["jobs"][0]["id"]
    told = plugin.tool("job_status", run_id=run, wait=10)
    assert (told.variables["status"], told.files) == ("canceled", [])


@pytest.mark.parametrize(
    ("tool", "parameters", "said"),
    [
        ("text_to_image", {"prompt": ""}, "prompt"),
        ("text_to_image", {"prompt": "x", "model": "none"}, "none"),
        ("image_to_image", {"prompt": "x"}, "There is no picture to paint over"),
        ("run_app", {}, "There is no app"),
        ("run_app", {"app": "none"}, "none"),
        ("run_app", {"app": "text-to-image", "inputs": "{"}, "inputs should be a JSON object"),
        ("run_workflow", {"workflow_json": "hello"}, "should be a workflow as JSON"),
        ("run_workflow", {"workflow_json": '{"1": {"class_type": "Nothing", "inputs": {}}}'}, "Nothing"),
        ("job_status", {"run_id": "none"}, "none"),
    ],
)
def test_what_cannot_be_done_is_said_in_words(plugin, tool, parameters, said):
    assert said in plugin.ask("invoke", tool=tool, parameters=parameters)["error"]


@pytest.mark.parametrize(
    ("credentials", "said"),
    [
        ({}, None),
        ({"base_url": ""}, "should look like"),
        ({"base_url": "ftp://somewhere"}, "should look like"),
        ({"base_url": "http://127.0.0.1:1"}, "cannot be reached"),
    ],
)
def test_credentials(plugin, credentials, said):
    answer = plugin.ask("validate", credentials=credentials)
    assert answer == {"told": [{"result": True}]} if said is None else said in answer["error"]


class Busy(http.server.BaseHTTPRequestHandler):
    """A server that is busy twice, then answers."""

    asked = 0

    def do_GET(self):
        Busy.asked += 1
        self.send_response(503 if Busy.asked < 3 else 200)
        self.end_headers()
        self.wfile.write(b'{"data": []}')

    def log_message(self, *arguments):
        pass


def test_a_server_that_is_starting_is_asked_again(plugin):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy) as busy:
        thread = threading.Thread(target=busy.serve_forever)
        thread.start()
        try:
            answer = plugin.ask("validate", credentials={"base_url": f"http://127.0.0.1:{busy.server_port}"})
        finally:
            busy.shutdown()
            thread.join()
    assert answer == {"told": [{"result": True}]}
    assert Busy.asked == 3
