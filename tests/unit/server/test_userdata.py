"""/userdata and /v2/userdata: storing, listing, moving, and what is refused."""

import asyncio

import pytest
from yarl import URL


def url(path):
    return URL(path, encoded=True)


async def put(serving, name, data=b"{}", **query):
    return await serving.client.post(url(f"/userdata/{name}").with_query(query), data=data)


@pytest.mark.parametrize("slash", ["%2F", "%2f"])
async def test_a_workflow_is_saved_listed_moved_and_deleted(serving, slash):
    client, name = serving.client, f"workflows{slash}a b.json".replace(" ", "%20")
    saved = await put(serving, name, b'{"nodes": []}')
    assert (saved.status, await saved.json()) == (200, "workflows/a b.json")
    assert (serving.folders.user / "default" / "workflows" / "a b.json").read_bytes() == b'{"nodes": []}'
    read = await client.get(url(f"/api/userdata/{name}"))
    assert (read.status, read.content_type, await read.read()) == (200, "application/json", b'{"nodes": []}')
    full = await (await put(serving, name, b"{}", full_info="true")).json()
    assert set(full) == {"path", "size", "modified", "created"}
    assert (full["path"], full["size"]) == ("workflows/a b.json", 2)
    moved = await client.post(url(f"/userdata/{name}/move/workflows{slash}sub{slash}b.json"))
    assert (moved.status, await moved.json()) == (200, "workflows/sub/b.json")
    assert (await client.get(url(f"/userdata/{name}"))).status == 404
    gone = await client.delete(url(f"/userdata/workflows{slash}sub{slash}b.json"))
    assert (gone.status, await gone.read()) == (204, b"")
    again = await client.delete(url(f"/userdata/workflows{slash}sub{slash}b.json"))
    assert (again.status, await again.read()) == (404, b"")


async def test_nothing_is_overwritten_unasked(serving):
    assert (await put(serving, "a.json", b"1", overwrite="false")).status == 200
    refused = await put(serving, "a.json", b"2", overwrite="false")
    assert (refused.status, await refused.text()) == (409, "File already exists")
    assert (await put(serving, "b.json", b"b")).status == 200
    for query, status in (("?overwrite=false", 409), ("?overwrite=true&full_info=true", 200)):
        answer = await serving.client.post(url(f"/userdata/b.json/move/a.json{query}"))
        assert answer.status == status
    assert (await answer.json())["path"] == "a.json"
    assert (serving.folders.user / "default" / "a.json").read_bytes() == b"b"
    assert (await serving.client.post("/userdata/missing/move/x")).status == 404


async def test_of_many_that_save_under_one_name_one_wins(serving):
    answers = await asyncio.gather(*(put(serving, "a.json", str(n).encode(), overwrite="false") for n in range(12)))
    statuses = sorted(answer.status for answer in answers)
    assert statuses == [200] + [409] * 11
    winner = next(n for n, answer in enumerate(answers) if answer.status == 200)
    folder = serving.folders.user / "default"
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("a.json", str(winner).encode())]


async def test_lists(serving):
    for name in ("w%2Fb.json", "w%2Fa.json", "w%2Fsub%2Fdeep%2Fc.json", "w%2F.index.json"):
        await put(serving, name)

    async def listed(**query):
        answer = await serving.client.get("/userdata", params=query)
        return answer.status, await (answer.json() if answer.status == 200 else answer.text())

    assert await listed(dir="w") == (200, ["a.json", "b.json"])
    assert await listed(dir="w", recurse="true") == (200, ["a.json", "b.json", "sub/deep/c.json"])
    assert await listed(dir="w", recurse="true", split="true") == (
        200,
        [["a.json", "a.json"], ["b.json", "b.json"], ["sub/deep/c.json", "sub", "deep", "c.json"]],
    )
    _, facts = await listed(dir="w", recurse="true", split="true", full_info="true")
    assert [entry["path"] for entry in facts] == ["a.json", "b.json", "sub/deep/c.json"]
    assert all(set(entry) == {"path", "size", "modified", "created"} for entry in facts)
    assert await listed() == await listed(dir="") == (400, "Directory not provided")
    for name in ("../default", "/etc", "w/../../x", "C:\\x"):
        assert await listed(dir=name) == (403, "Invalid directory")
    assert await listed(dir="nothing") == await listed(dir="w/a.json") == (404, "Directory not found")


async def test_the_tree(serving):
    client = serving.client
    assert await (await client.get("/v2/userdata")).json() == []
    for name in ("workflows%2Fd%2Fe.json", "workflows%2Fz.json", "workflows%2Fc%2Ff.json", "top.txt"):
        await put(serving, name)
    entries = await (await client.get("/v2/userdata?path=workflows")).json()
    assert [(entry["name"], entry["path"], entry["type"]) for entry in entries] == [
        ("c", "workflows/c", "directory"),
        ("d", "workflows/d", "directory"),
        ("e.json", "workflows/d/e.json", "file"),
        ("f.json", "workflows/c/f.json", "file"),
        ("z.json", "workflows/z.json", "file"),
    ]
    assert set(entries[0]) == {"name", "path", "type"}
    assert set(entries[-1]) == {"name", "path", "type", "size", "modified"}
    everything = await (await client.get("/api/v2/userdata", params={"path": "/"})).json()
    assert {"workflows", "top.txt"} < {entry["path"] for entry in everything}
    for path, status, text in (
        ("nothing", 404, "Requested path not found"),
        ("top.txt", 400, "Requested path is not a directory"),
        ("../x", 400, "Invalid path requested"),
        ("a\0b", 400, "Invalid path requested"),
    ):
        answer = await client.get("/v2/userdata", params={"path": path})
        assert (answer.status, await answer.text()) == (status, text)


@pytest.mark.parametrize("name", ["%20", "%09"])
async def test_an_empty_name_is_refused(serving, name):
    assert (await serving.client.get(url(f"/userdata/{name}"))).status == 400
    assert (await serving.client.get("/userdata/")).status == 400


@pytest.mark.parametrize(
    "name",
    ["..%2Fx", "%2E%2E%2Fx", "a%2F..%2F..%2Fx", "%2Fetc%2Fx", "C:%5Cx", "..%5Cx", "%00", "a%00b", "comfy.settings.json",
     "Comfy.Settings.JSON", "ComfyUI-Manager%2Fconfig.ini", "comfyui-manager%2Fx", "con", "sub%2FNUL.txt", "a.",
     "a%20", "a%0Ab", ".%2F"],
)  # fmt: skip
async def test_names_that_nothing_is_stored_under(serving, name):
    await put(serving, "a.json")
    before = {path: path.read_bytes() for path in serving.folders.data.rglob("*") if path.is_file()}
    assert (await put(serving, name, b"bad")).status == 403
    assert (await serving.client.post(url(f"/userdata/a.json/move/{name}"))).status == 403
    assert (await serving.client.delete(url(f"/userdata/{name}"))).status == 403
    after = {path: path.read_bytes() for path in serving.folders.data.rglob("*") if path.is_file()}
    assert {path for path in after if "sqlite" not in path.name} == {
        path for path in before if "sqlite" not in path.name
    }


async def test_what_cannot_be_stored_is_explained(serving):
    await put(serving, "file")
    for name in ("file%2Fbelow", "x" * 300):
        answer = await put(serving, name)
        assert answer.status == 400
        assert "cannot be stored" in (await answer.json())["error"]["message"]
    await put(serving, "folder%2Fa")
    assert (await put(serving, "folder")).status == 400
    for method, path in (("GET", "folder"), ("DELETE", "folder"), ("POST", "folder/move/x")):
        assert (await serving.client.request(method, f"/userdata/{path}")).status == 404
    assert not list(serving.folders.user.rglob(".saving-*"))


async def test_a_body_above_the_limit_is_refused(start):
    serving = await start(max_upload=1 << 16)
    answer = await put(serving, "a.json", b"x" * (1 << 17))
    assert answer.status == 413
    assert not (serving.folders.user / "default" / "a.json").exists()


async def test_links_do_not_lead_out(serving, tmp_path):
    outside = serving.folders.data / "outside"
    outside.mkdir()
    (outside / "secret.json").write_bytes(b"secret")
    root = serving.folders.user / "default"
    (root / "inside").mkdir(parents=True)
    (root / "inside" / "a.json").write_bytes(b"a")
    (root / "out").symlink_to(outside)
    (root / "secret.json").symlink_to(outside / "secret.json")
    (root / "alias.json").symlink_to(root / "inside" / "a.json")
    for name in ("out%2Fsecret.json", "secret.json", "out%2Fnew.json"):
        for method in ("GET", "POST", "DELETE"):
            answer = await serving.client.request(
                method, url(f"/userdata/{name}"), data=b"x" if method == "POST" else None
            )
            assert answer.status == 403, (method, name)
    assert (await serving.client.get("/userdata?dir=out")).status == 403
    assert (await serving.client.get("/v2/userdata?path=out")).status == 400
    assert await (await serving.client.get("/userdata/alias.json")).read() == b"a"
    listed = await (await serving.client.get("/userdata", params={"dir": ".", "recurse": "true"})).json()
    assert listed == ["alias.json", "inside/a.json"]
    assert {entry["path"] for entry in await (await serving.client.get("/v2/userdata")).json()} == {
        *("alias.json", "inside", "inside/a.json")
    }
    assert (outside / "secret.json").read_bytes() == b"secret"
    assert [path.name for path in outside.iterdir()] == ["secret.json"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.json", "application/json"),
        ("user.css", "text/css"),
        ("a.txt", "text/plain"),
        ("a.png", "image/png"),
        ("a.html", "application/octet-stream"),
        ("a.svg", "application/octet-stream"),
        ("a.js", "application/octet-stream"),
        ("a.xhtml", "application/octet-stream"),
        ("a", "application/octet-stream"),
    ],
)
async def test_nothing_stored_runs_in_the_servers_origin(serving, name, kind):
    await put(serving, name, b"<script>alert(1)</script>")
    answer = await serving.client.get(f"/userdata/{name}")
    assert (answer.status, answer.content_type) == (200, kind)
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith("attachment") == (kind == "application/octet-stream")
