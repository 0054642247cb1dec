"""Apps over HTTP: saved, shown, run, waited for, asked for again, stopped."""

import asyncio
import base64
import io
import json
import zipfile

import pytest
from openapi_spec_validator import validate
from PIL import Image
from tests.golden.dify.rules import broken
from tests.unit.server.conftest import PNG

from limner.server.picture_jobs import KEY


def workflow(*, source="EmptyImage", title="$width, $height", **more):
    """Makes a picture and saves it; its size is an input."""
    size = {"width": 8, "height": 8, "batch_size": 1} if source == "EmptyImage" else {}
    document = {
        "1": {"class_type": source, "inputs": size, "_meta": {"title": title}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "{{name=kept}}"}},
    }
    return document | more


LOADING = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "none.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "kept"}},
}


async def ask(serving, method, path, body=None, **more):
    """Status and JSON of an answer."""
    answer = await serving.client.request(method, path, json=body, **more)
    return answer.status, await answer.json()


@pytest.fixture
async def saved(serving):
    """A server with the app ``square``."""
    assert (await ask(serving, "PUT", "/apps/square", workflow()))[0] == 201
    return serving


async def fetched(serving, address):
    """What is at an absolute address."""
    async with serving.client.session.get(address) as answer:
        return await answer.read()


def png(size=(6, 4), colour="red"):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


async def test_an_app_is_saved_listed_shown_and_removed(saved):
    status, told = await ask(saved, "PUT", "/apps/square", {"workflow": workflow(), "title": "Squares"})
    assert (status, told["version"], told["title"]) == (201, 2, "Squares")
    assert (await ask(saved, "PUT", "/apps/square", {"workflow": workflow(), "title": "Squares"}))[0] == 200
    assert [(entry["name"], entry["version"]) for entry in (await ask(saved, "GET", "/apps"))[1]["apps"]] == [
        ("text-to-image", 0), ("image-to-image", 0), ("square", 2),
    ]  # fmt: skip
    shown = (await ask(saved, "GET", "/api/apps/square?version=1"))[1]
    assert (shown["title"], shown["workflow"]) == ("square", workflow())
    assert [entry["name"] for entry in shown["inputs"]] == ["name", "width", "height"]
    assert [entry["version"] for entry in (await ask(saved, "GET", "/apps/square/versions"))[1]["versions"]] == [2, 1]
    assert (await ask(saved, "DELETE", "/apps/square?version=1"))[1]["removed"] == [1]
    assert (await ask(saved, "DELETE", "/apps/square"))[1]["removed"] == [2]
    assert (await ask(saved, "GET", "/apps/square"))[0] == 404


async def test_lists_show_an_apps_picture_and_tags(saved):
    declared = {"title": "Squares", "picture": "/view?filename=a.png", "tags": ["small"]}
    assert (await ask(saved, "PUT", "/apps/square", {"workflow": workflow(), "declaration": declared}))[0] == 201
    listed = (await ask(saved, "GET", "/apps"))[1]["apps"][-1]
    assert (listed["picture"], listed["tags"]) == (declared["picture"], declared["tags"])


async def test_a_workflow_comes_in_any_form(serving):
    files = {"workflow": io.BytesIO(json.dumps(workflow()).encode())}
    answer = await serving.client.put("/apps/form", data=files | {"declaration": '{"title": "Form"}'})
    assert (answer.status, (await answer.json())["title"]) == (201, "Form")
    text = json.dumps(workflow()).replace('"width": 8', '"width": {{side}}')
    answer = await serving.client.put("/apps/bare", data=text.encode())
    assert "side" in [entry["name"] for entry in (await answer.json())["inputs"]]
    buffer, texts = io.BytesIO(), __import__("PIL.PngImagePlugin", fromlist=["PngInfo"]).PngInfo()
    texts.add_text("prompt", json.dumps(workflow()))
    Image.new("RGB", (4, 4)).save(buffer, "PNG", pnginfo=texts)
    answer = await serving.client.put("/apps/picture", data=buffer.getvalue(), headers={"Content-Type": "image/png"})
    assert (await answer.json())["workflow"] == workflow()


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/apps/a", {}, "no workflow"),
        ("/apps/a", [], "object"),
        ("/apps/a", {"workflow": 5}, "'workflow'"),
        ("/apps/a", {"workflow": {"x": 1}}, "without nodes"),
        ("/apps/A", workflow(), "cannot be an app's name"),
        ("/apps/a", {"workflow": workflow(), "declaration": {"inputs": [{"name": "q"}]}}, "input named 'q'"),
        ("/apps/a", {"workflow": workflow(), "outputs": ["9"]}, "node named '9'"),
        ("/apps/a", {"workflow": workflow(), "declaration": "{"}, "JSON"),
    ],
)
async def test_what_cannot_be_saved(serving, path, body, said):
    status, told = await ask(serving, "PUT", path, body)
    assert status == 400
    assert said in told["detail"]


async def test_a_run_answers_with_its_files(saved):
    status, told = await ask(saved, "POST", "/apps/square/run", {"width": "16", "name": "mine"})
    assert (status, told["status"], told["app"], told["version"]) == (200, "succeeded", "square", 1)
    assert told["inputs"] == {"name": "mine", "width": 16, "height": 8}
    output = told["outputs"][0]
    assert (output["type"], output["media_type"], output["width"]) == ("image", "image/png", 1)
    assert await fetched(saved, output["url"]) == PNG
    assert saved.worker.requests[0].graph.nodes["1"].inputs["width"] == 16
    assert (await ask(saved, "GET", f"/runs/{told['id']}"))[1] == told
    file = await saved.client.get(f"/runs/{told['id']}/files/1")
    assert (await file.read(), file.headers["Content-Disposition"][:10]) == (PNG, "attachment")
    for number in ("0", "2", "x", "1" * 20):
        assert (await ask(saved, "GET", f"/runs/{told['id']}/files/{number}"))[0] == 404


@pytest.mark.parametrize(
    "send",
    [
        {"json": {"width": 16}},
        {"json": {"inputs": {"width": 16}}},
        {"data": {"width": "16"}},
        {"data": b'{"width": 16}', "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"data": b'{"width": 16}'},
    ],
)
async def test_values_come_in_any_body(saved, send):
    answer = await saved.client.post("/apps/square/run", **send)
    assert (await answer.json())["inputs"]["width"] == 16


async def test_files_as_the_answer_itself_and_as_text(saved):
    answer = await saved.client.post("/apps/square/run?output=file&format=webp", json={})
    assert (answer.content_type, Image.open(io.BytesIO(await answer.read())).format) == ("image/webp", "WEBP")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="kept_')
    assert answer.headers["X-Run-Id"]
    _, told = await ask(saved, "POST", "/apps/square/run", {"output": "base64"})
    assert base64.b64decode(told["outputs"][0]["base64"]) == PNG
    several = workflow(**{"3": workflow()["2"]})
    answer = await saved.client.post("/workflows/run?output=file", json={"workflow": several})
    assert answer.content_type == "application/zip"
    assert len(zipfile.ZipFile(io.BytesIO(await answer.read())).namelist()) == 2


async def test_a_workflow_runs_without_being_saved(serving):
    status, told = await ask(serving, "POST", "/workflows/run", {"workflow": workflow(), "inputs": {"width": 3}})
    assert (status, told["app"], told["inputs"]["width"]) == (200, None, 3)
    status, told = await ask(serving, "POST", "/workflows/run?wait=50", workflow())
    assert (status, told["inputs"]["width"]) == (200, 8)
    form = {"workflow_json": json.dumps(workflow()), "width": "5"}
    answer = await serving.client.post("/workflows/run", data=form)
    assert (await answer.json())["inputs"]["width"] == 5


async def test_a_run_that_takes_longer_is_asked_for_again_and_stopped(serving):
    await ask(serving, "PUT", "/apps/slow", workflow(source="CapSleep", title="x"))
    answer = await serving.client.post("/apps/slow/run", json={"wait": 0.05})
    told = await answer.json()
    assert (answer.status, told["status"] in ("queued", "running")) == (202, True)
    assert answer.headers["Location"] == told["urls"]["self"]
    assert answer.headers["Retry-After"]
    assert (await ask(serving, "GET", f"/runs/{told['id']}?wait=0.05"))[1]["status"] == "running"
    stopped = (await ask(serving, "POST", f"/runs/{told['id']}/cancel"))[1]
    assert (stopped["status"], stopped["error"]) == ("canceled", "The run was canceled.")
    assert (await ask(serving, "POST", f"/runs/{told['id']}/cancel"))[1]["status"] == "canceled"


async def test_a_run_that_is_not_waited_for(saved):
    status, told = await ask(saved, "POST", "/apps/square/start", {})
    assert status in (200, 202)
    assert (await ask(saved, "GET", f"/runs/{told['id']}?wait=20"))[1]["status"] == "succeeded"


async def test_an_answer_that_is_kept_alive_begins_with_blanks(serving):
    sleeping = workflow(source="CapSleep", title="x")
    asking = asyncio.create_task(serving.client.post("/workflows/run?keep_alive=true", json={"workflow": sleeping}))
    await serving.running(1)
    answer = await asking
    serving.worker.gate.set()
    body = await answer.text()
    assert (answer.status, body[0], json.loads(body)["status"]) == (200, " ", "succeeded")
    failing = workflow(source="CapError", title="x")
    answer = await serving.client.post("/workflows/run?keep_alive=true", json={"workflow": failing})
    assert "boom" in json.loads(await answer.text())["detail"]


async def test_a_run_that_fails_says_why(serving):
    status, told = await ask(serving, "POST", "/workflows/run", {"workflow": workflow(source="CapError", title="x")})
    assert (status, told["status"]) == (422, "failed")
    assert told["detail"] == told["error"] == "Node 1 (CapError): boom"


async def test_a_run_whose_models_are_missing_says_where_they_are(serving):
    lacking = {"1": {"class_type": "Loader", "inputs": {"name": "sd_xl_base_1.0.safetensors"}}}
    status, told = await ask(serving, "POST", "/workflows/run", {"workflow": lacking})
    assert (status, told["code"]) == (400, "value_not_in_list")
    assert "sd_xl_base_1.0.safetensors (limner pull hf://" in told["detail"]


async def test_a_repeated_request_with_a_key_is_one_run(saved):
    headers = {KEY: "once"}
    answers = await asyncio.gather(
        *(ask(saved, "POST", "/apps/square/run", {"width": 4}, headers=headers) for _ in range(4))
    )
    assert len({told["id"] for _, told in answers}) == len(saved.worker.requests) == 1
    status, told = await ask(saved, "POST", "/apps/square/run", {"width": 5}, headers=headers)
    assert (status, told["code"]) == (409, "idempotency_conflict")


async def test_events_are_told_from_the_beginning_or_from_where_a_client_was(saved):
    _, told = await ask(saved, "POST", "/apps/square/run", {})
    text = await (await saved.client.get(f"/runs/{told['id']}/events")).text()
    events = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.strip().split("\n\n")]
    assert [event["event"] for event in events][:2] == ["queued", "claimed"]
    assert events[-1]["event"] == "end"
    assert json.loads(events[-1]["data"]) == told
    headers = {"Last-Event-ID": events[-2]["id"]}
    assert (await (await saved.client.get(f"/runs/{told['id']}/events", headers=headers)).text()).count("event:") == 1


async def test_events_as_they_happen(serving):
    sleeping = workflow(source="CapSleep", title="x")
    _, told = await ask(serving, "POST", "/workflows/run?mode=async", {"workflow": sleeping})
    answer = await serving.client.get(f"/runs/{told['id']}/events")
    await serving.running(1)
    serving.worker.gate.set()
    assert "event: end" in await answer.text()


async def test_pictures_by_upload_text_name_and_order(serving):
    await ask(serving, "PUT", "/apps/load", LOADING)
    answer = await serving.client.post("/apps/load/upload", data={"image": io.BytesIO(png())})
    first = (await answer.json())["inputs"]["image"]
    assert first.startswith("apps/")
    uri = f"data:image/png;base64,{base64.b64encode(png()).decode()}"
    for body in ({"image": uri}, {"images": [uri]}, {"images": uri, "image_ids": "1"}, {"image": first}):
        assert (await ask(serving, "POST", "/apps/load/run", body))[1]["inputs"]["image"] == first
    answer = await serving.client.post("/apps/load/upload", data={"images": io.BytesIO(png())})
    assert (await answer.json())["inputs"]["image"] == first


async def test_a_picture_that_this_server_made_is_taken_by_its_address_or_as_an_asset(serving):
    await ask(serving, "PUT", "/apps/load", LOADING)
    Image.new("RGB", (5, 5)).save(serving.folders.output / "made.png")
    address = str(serving.client.make_url("/view?filename=made.png"))
    status, told = await ask(serving, "POST", "/apps/load/run", {"image": address})
    assert (status, told["inputs"]["image"][:5]) == (200, "apps/")
    form = {"image": io.BytesIO(png((7, 7)))}
    uploaded = await (await serving.client.post("/upload/image", data=form)).json()
    for name in (uploaded["asset"]["id"], uploaded["asset"]["asset_hash"]):
        assert (await ask(serving, "POST", "/apps/load/run", {"image": name}))[0] == 200


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (None, "is missing"),
        ("nothing, here!", "neither an address"),
        ("http://127.0.0.1:1/a.png", "may not be asked"),
        ("file:///etc/passwd", "neither an address"),
        ("../../etc/passwd", "neither an address"),
        ("data:image/png;base64,aGVsbG8=", "not a picture"),
        (["x"], "send an address"),
        ("x" * 300, "image"),
        ("a\0b", "neither an address"),
    ],
)
async def test_pictures_that_cannot_be_had(serving, image, said):
    await ask(serving, "PUT", "/apps/load", LOADING)
    status, told = await ask(serving, "POST", "/apps/load/run", {"image": image})
    assert (status, told["problems"][0]["input"]) == (400, "image")
    assert said in told["detail"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"width": 0}, "'width'"),
        ({"wait": -1}, "'wait'"),
        ({"images": ["a"]}, "more pictures"),
        ({"image_ids": "7"}, "'7'"),
        ({"background": "mud", "format": "jpeg"}, "no colour"),
        ({"watermark_image": "gone.png"}, "watermark_image"),
        ({"store": "nowhere"}, "store"),
        ({"version": 9}, "version"),
    ],
)
async def test_requests_that_cannot_be_answered(saved, body, said):
    status, told = await ask(saved, "POST", "/apps/square/run", body)
    assert status in (400, 404)
    assert said in told["detail"]
    assert not saved.worker.requests


async def test_names_that_are_not_right_are_noticed(saved):
    _, told = await ask(saved, "POST", "/apps/square/run", {"widht": 5, "format": "png"})
    assert told["notes"] == ["There is no input 'widht'; it was ignored. The inputs: name, width, height."]


async def test_a_dry_run_says_what_is_wrong_and_missing(saved):
    told = (await ask(saved, "POST", "/apps/square/check", {"width": 4}))[1]
    assert (told["ok"], told["problems"], told["values"]["width"]) == (True, [], 4)
    told = (await ask(saved, "POST", "/apps/square/check", {"width": "x"}))[1]
    assert (told["ok"], [problem["input"] for problem in told["problems"]]) == (False, ["width"])
    odd = workflow(**{"3": {"class_type": "FromAPack", "inputs": {}}})
    told = (await ask(saved, "POST", "/workflows/check", odd))[1]
    assert told["missing"]["nodes"] == [{"class_type": "FromAPack", "nodes": ["3"]}]
    lacking = {"1": {"class_type": "Loader", "inputs": {"name": "sd_xl_base_1.0.safetensors"}}}
    told = (await ask(saved, "POST", "/workflows/check", {"workflow": lacking}))[1]
    assert (told["ok"], told["missing"]["models"][0]["pull"][:16]) == (False, "limner pull hf:/")
    assert not saved.worker.requests


@pytest.mark.parametrize("path", ["/openapi.json", "/apps/square/openapi.json"])
async def test_documents_are_valid_and_import(saved, path):
    _, told = await ask(saved, "GET", path)
    validate(told)
    assert broken(told, str(saved.client.make_url("")).rstrip("/")) == []
    assert "/apps/square/run" in told["paths"]


async def test_the_documents_name_the_public_address(start):
    serving = await start(public_url="https://pictures.example")
    _, told = await ask(serving, "GET", "/openapi.json")
    assert told["servers"] == [{"url": "https://pictures.example"}]


async def test_a_server_without_a_worker_says_so(start):
    serving = await start(up=False, catalog_wait=0.05)
    answer = await serving.client.get("/apps")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "3")


@pytest.mark.parametrize("path", ["/comfyui_bizyairapi/", "/comfyui_bizyairapi"])
async def test_the_wrapper(serving, path):
    prompted = workflow()
    prompted["2"]["inputs"]["filename_prefix"] = "{{prompt}}"
    form = {"prompt": "cat", "seed": "5", "idx": "1", "workflowfile": io.BytesIO(json.dumps(prompted).encode())}
    answer = await serving.client.post(path, data=form)
    told = await answer.json()
    assert (answer.status, set(told)) == (200, {"filename", "output_path", "etag"})
    assert told["filename"].startswith("1_5_")
    assert await fetched(serving, told["etag"]) == PNG
    assert (serving.folders.output / told["filename"]).read_bytes() == PNG
    again = await serving.client.post(path, data={**form, "workflowfile": json.dumps(prompted)})
    assert (await again.json())["filename"].startswith("1_5_")


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({}, 400, "'prompt'"),
        ({"prompt": "x"}, 400, "'seed'"),
        ({"prompt": "x", "seed": "1"}, 400, "'idx'"),
        ({"prompt": "x", "seed": "1", "idx": "1"}, 400, "'workflowfile'"),
        ({"prompt": "x", "seed": "1", "idx": "1", "workflowfile": "{"}, 400, "JSON"),
        ({"prompt": "x", "seed": "1", "idx": "1", "workflowfile": json.dumps(workflow())}, 400, "no place"),
    ],
)
async def test_what_the_wrapper_cannot_do(serving, form, status, said):
    answer = await serving.client.post("/comfyui_bizyairapi/", data=form)
    assert answer.status == status
    assert said in (await answer.json())["detail"]
