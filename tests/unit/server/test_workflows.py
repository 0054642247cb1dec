"""Saved workflows: conditions, versions, moving, the trash; and ComfyUI's page sees the same files."""

import json

from limner.server.user_files import UserFiles
from limner.server.workflows.store import KEPT, Condition, Workflows


async def put(serving, name, document, **headers):
    return await serving.client.put(f"/limner/workflows/{name}", data=json.dumps(document), headers=headers)


async def test_saving_over_what_somebody_else_saved_is_refused_with_theirs(serving):
    first = await put(serving, "a.json", {"nodes": []}, **{"If-None-Match": "*"})
    assert first.status == 200
    tag = first.headers["ETag"]
    assert (await put(serving, "a.json", {"nodes": []}, **{"If-None-Match": "*"})).status == 412
    assert (await put(serving, "a.json", {"nodes": [1]}, **{"If-Match": tag})).status == 200
    refused = await put(serving, "a.json", {"nodes": [2]}, **{"If-Match": tag})
    assert refused.status == 412
    told = await refused.json()
    assert told["error"]["type"] == "changed"
    assert told["theirs"]["workflow"] == {"nodes": [1]}
    again = await put(serving, "a.json", {"nodes": [2]}, **{"If-Match": f'"{told["theirs"]["etag"]}"'})
    assert again.status == 200
    assert (await put(serving, "gone.json", {}, **{"If-Match": tag})).status == 412
    read = await serving.client.get("/limner/workflows/a.json")
    assert await read.json() == {"nodes": [2]}
    headers = {"If-None-Match": read.headers["ETag"]}
    assert (await serving.client.get("/limner/workflows/a.json", headers=headers)).status == 304


async def test_comfyuis_page_sees_the_same_files_and_its_saves_become_versions(serving):
    await put(serving, "deep%2Fb.json", {"n": 1})
    listed = await (await serving.client.get("/userdata?dir=workflows&recurse=true")).json()
    assert listed == ["deep/b.json"]
    await serving.client.post("/userdata/workflows%2Fdeep%2Fb.json", data=b'{"n": 2}')
    await put(serving, "deep%2Fb.json", {"n": 3})
    path = "/limner/workflows/deep%2Fb.json/versions"
    found = (await (await serving.client.get(path)).json())["versions"]
    assert [entry["number"] for entry in found] == [3, 2, 1]
    assert await (await serving.client.get(f"{path}/2")).json() == {"n": 2}
    assert (await serving.client.get(f"{path}/9")).status == 404
    assert (await serving.client.get(f"{path}/x")).status == 404


async def test_moving_takes_versions_along_and_the_trash_gives_back(serving):
    await put(serving, "a.json", {"n": 1})
    await put(serving, "taken.json", {"n": 5})
    move = "/limner/workflows/a.json/move"
    assert (await serving.client.post(move, json={"to": "taken.json"})).status == 409
    assert (await serving.client.post(move, json={})).status == 400
    assert (await serving.client.post(move, json={"to": "../a.json"})).status == 403
    moved = await (await serving.client.post(move, json={"to": "new/b.json"})).json()
    assert (moved["name"], moved["version"]) == ("new/b.json", 1)
    gone = await (await serving.client.delete("/limner/workflows/new%2Fb.json")).json()
    assert (await serving.client.get("/limner/workflows/new%2Fb.json")).status == 404
    (entry,) = (await (await serving.client.get("/limner/workflow-trash")).json())["trash"]
    assert (entry["id"], entry["name"]) == (gone["trashed"], "new/b.json")
    await put(serving, "new%2Fb.json", {"n": 9})
    back = await (await serving.client.post(f"/limner/workflow-trash/{entry['id']}/restore")).json()
    assert back["name"] == "new/b (2).json"
    assert (await serving.client.post("/limner/workflow-trash/..%2F../restore")).status == 404
    names = (await (await serving.client.get("/limner/workflows")).json())["workflows"]
    assert {entry["name"] for entry in names} == {"taken.json", "new/b.json", "new/b (2).json"}


async def test_names_and_bodies_that_are_none(serving):
    for name in ("a.txt", "..%2Fcomfy.settings.json", ".hidden.json", ".versions%2Fa.json", "a%00.json"):
        answer = await put(serving, name, {})
        assert answer.status in (400, 403), (name, answer.status)
    assert (await serving.client.put("/limner/workflows/a.json", data=b"[1]")).status == 400
    assert (await serving.client.put("/limner/workflows/a.json", data=b"{")).status == 400
    assert (await serving.client.delete("/limner/workflows/none.json")).status == 404
    assert (await serving.client.get("/limner/workflows")).status == 200


def test_the_oldest_versions_go(tmp_path):
    store, files = Workflows(), UserFiles(tmp_path)
    for number in range(KEPT + 3):
        store.write(files, "a.json", f'{{"n": {number}}}'.encode(), Condition())
    found = store.versions(files, "a.json")
    assert [found[0]["number"], found[-1]["number"], len(found)] == [KEPT + 3, 4, KEPT]
    store.write(files, "a.json", f'{{"n": {KEPT + 2}}}'.encode(), Condition())
    assert len(store.versions(files, "a.json")) == KEPT
