"""/users and /settings, for one user and for several."""

import io
import json
import re

import pytest


async def test_one_user(serving):
    answer = await serving.client.get("/users")
    assert await answer.json() == {"storage": "server", "migrated": False}
    await serving.client.post("/settings/a", data=b"1")
    assert await (await serving.client.get("/api/users")).json() == {"storage": "server", "migrated": True}
    refused = await serving.client.post("/users", json={"username": "bob"})
    assert refused.status == 400
    assert "--multi-user" in (await refused.json())["error"]["message"]


async def test_several_users(start):
    serving = await start(multi_user=True)
    assert await (await serving.client.get("/users")).json() == {"storage": "server", "users": {}}
    answer = await serving.client.post("/users", json={"username": " Al ice! "})
    identifier = await answer.json()
    assert answer.status == 200
    assert re.fullmatch(r"Al-ice-_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", identifier)
    assert (await (await serving.client.get("/users")).json())["users"] == {identifier: "Al ice!"}
    again = await serving.client.post("/users", json={"username": "Al ice!"})
    assert (again.status, await again.json()) == (400, {"error": "Duplicate username."})
    assert (serving.folders.user / identifier).is_dir()
    other = await (await serving.client.post("/users", json={"username": "bob"})).json()
    for user, value in ((identifier, 1), (other, 2)):
        await serving.client.post("/settings/x", json=value, headers={"comfy-user": user})
        await serving.client.post("/userdata/a.txt", data=str(value).encode(), headers={"comfy-user": user})
    for user, value in ((identifier, 1), (other, 2)):
        headers = {"comfy-user": user}
        assert await (await serving.client.get("/settings", headers=headers)).json() == {"x": value}
        assert await (await serving.client.get("/userdata/a.txt", headers=headers)).text() == str(value)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"username": null}', b'{"username": ""}', b'{"username": "  "}',
             b'{"username": "__system"}', b'{"username": "_"}', b'{"username": "a\\u0000"}', b'{"username": 3}',
             json.dumps({"username": "x" * 101}).encode()],
)  # fmt: skip
async def test_bad_users_are_refused(start, body):
    serving = await start(multi_user=True)
    answer = await serving.client.post("/users", data=body)
    assert answer.status == 400
    assert (await answer.json())["error"]["message"]
    assert not (serving.folders.user / "users.json").exists()


@pytest.mark.parametrize("named", [None, "", "nobody", "default", "..", "../x", "__system"])
async def test_nobody_is_served_without_a_user(start, named):
    serving = await start(multi_user=True)
    system = (named or "").startswith("__")
    headers = {} if named is None else {"comfy-user": named}
    expected = {
        ("GET", "/settings"): 401,
        ("POST", "/settings"): 401,
        ("GET", "/settings/a"): 401,
        ("POST", "/settings/a"): 401,
        ("GET", "/userdata?dir=a"): 400,
        ("GET", "/userdata/a"): 400,
        ("POST", "/userdata/a"): 400,
        ("DELETE", "/userdata/a"): 400,
        ("POST", "/userdata/a/move/b"): 400,
        ("GET", "/v2/userdata"): 403,
    }
    for (method, path), status in expected.items():
        answer = await serving.client.request(method, path, data=b"{}" if method == "POST" else None, headers=headers)
        assert answer.status == (403 if system else status), (method, path)
    if not system:
        unknown = await serving.client.get("/v2/userdata", headers=headers)
        assert await unknown.text() == "Invalid user specified in request"
    assert [path.name for path in serving.folders.user.iterdir()] == []


async def test_a_damaged_list_of_users_is_kept(start):
    serving = await start(multi_user=True)
    file = serving.folders.user / "users.json"
    for damaged in (b"{", b"[]"):
        file.write_bytes(damaged)
        for answer in (
            await serving.client.get("/users"),
            await serving.client.post("/users", json={"username": "bob"}),
            await serving.client.get("/settings", headers={"comfy-user": "bob"}),
        ):
            assert answer.status in (403, 503)
        assert file.read_bytes() == damaged
    file.write_bytes(b'{"../../x": "evil", "__system": "s", "bob_1": "bob"}')
    assert (await (await serving.client.get("/users")).json())["users"] == {"bob_1": "bob"}


@pytest.mark.parametrize("prefix", ["", "/api"])
async def test_settings(serving, prefix):
    client, file = serving.client, serving.folders.user / "default" / "comfy.settings.json"
    assert await (await client.get(f"{prefix}/settings")).json() == {}
    assert await (await client.get(f"{prefix}/settings/Comfy.Some")).json() is None
    for value in (True, None, 3, 0.5, "text", [1, {"a": None}], {"b": []}):
        answer = await client.post(f"{prefix}/settings/Comfy.Some", data=json.dumps(value))
        assert (answer.status, await answer.read()) == (200, b"")
        assert await (await client.get(f"{prefix}/settings/Comfy.Some")).json() == value
    answer = await client.post(f"{prefix}/settings", json={"Comfy.Other": "ü", "a/b": 1})
    assert (answer.status, await answer.read()) == (200, b"")
    everything = {"Comfy.Some": {"b": []}, "Comfy.Other": "ü", "a/b": 1}
    assert await (await client.get(f"{prefix}/settings")).json() == everything == json.loads(file.read_text())
    assert await (await client.get(f"{prefix}/settings/a%2Fb")).json() == 1


@pytest.mark.parametrize("body", [b"", b"{", b"nope", b"\xff", b"[" * 5000])
async def test_settings_that_are_no_json_are_refused_and_the_old_ones_stay(serving, body):
    await serving.client.post("/settings/a", data=b"1")
    for path in ("/settings", "/settings/a"):
        answer = await serving.client.post(path, data=body)
        assert answer.status == 400
        assert (await answer.json())["error"]["message"]
    assert (await serving.client.post("/settings", data=b"[1]")).status == 400
    assert await (await serving.client.get("/settings")).json() == {"a": 1}


async def test_damaged_settings_are_put_aside(serving):
    file = serving.folders.user / "default" / "comfy.settings.json"
    file.parent.mkdir()
    file.write_bytes(b'{"half": ')
    assert await (await serving.client.get("/settings")).json() == {}
    assert (await serving.client.post("/settings/a", data=b"1")).status == 200
    assert json.loads(file.read_bytes()) == {"a": 1}
    assert file.with_suffix(".damaged").read_bytes() == b'{"half": '


async def test_settings_have_a_bound(serving):
    answer = await serving.client.post("/settings/a", data=io.BytesIO(b'"%s"' % (b"x" * (9 << 20))))
    assert answer.status == 400
    assert await (await serving.client.get("/settings")).json() == {}
