"""What node packs bring as files: /i18n, /workflow_templates, /extensions."""

import json

import pytest
from yarl import URL

from limner.server.packs.folders import merged, pack_folders


def write(path, content="{}"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


@pytest.fixture
def packs(folders):
    root = folders.data / "custom_nodes"
    write(root / "one" / "locales" / "en" / "main.json", {"nodeCategories": {"cap": "Cap"}})
    write(root / "one" / "locales" / "en" / "nodeDefs.json", {"CapUI": {"display_name": "CapUI en"}})
    write(root / "two" / "locales" / "en" / "nodeDefs.json", {"Other": {"display_name": "Other"}})
    write(root / "two" / "locales" / "de" / "settings.json", {"a": {"name": "b"}})
    write(root / "two" / "locales" / "de" / "main.json", "{ broken")
    write(root / "one" / "example_workflows" / "demo.json", {"nodes": []})
    write(root / "one" / "example_workflows" / "demo.jpg", "picture")
    write(root / "one" / "examples" / "second choice.json")
    write(root / "two" / "workflows" / "a.json")
    write(root / "two" / "secret.py", "secret")
    write(root / "off.disabled" / "examples" / "a.json")
    write(root / "__pycache__" / "examples" / "a.json")
    write(root / "single.py", "")
    return root


async def test_translations_are_merged(serving, packs):
    for prefix in ("", "/api"):
        assert await (await serving.client.get(f"{prefix}/i18n")).json() == {
            "en": {
                "nodeCategories": {"cap": "Cap"},
                "nodeDefs": {"CapUI": {"display_name": "CapUI en"}, "Other": {"display_name": "Other"}},
            },
            "de": {"settings": {"a": {"name": "b"}}},
        }


async def test_without_packs_there_is_nothing(serving):
    for path, nothing in (("/i18n", {}), ("/workflow_templates", {}), ("/extensions", [])):
        assert await (await serving.client.get(path)).json() == nothing


async def test_example_workflows(serving, packs):
    client = serving.client
    for prefix in ("", "/api"):
        answer = await client.get(f"{prefix}/workflow_templates")
        assert await answer.json() == {"one": ["demo"], "two": ["a"]}
    answer = await client.get("/api/workflow_templates/one/demo.json")
    assert (answer.content_type, await answer.json()) == ("application/json", {"nodes": []})
    picture = await client.get("/api/workflow_templates/one/demo.jpg")
    assert (picture.content_type, await picture.text()) == ("image/jpeg", "picture")
    (packs / "one" / "example_workflows" / "out.json").symlink_to(packs / "two" / "secret.py")
    for path in (
        "none/a.json",
        "one/none.json",
        "one/..%2F..%2Ftwo%2Fsecret.py",
        "one/out.json",
        "off.disabled/a.json",
    ):
        missing = await client.get(URL(f"/api/workflow_templates/{path}", encoded=True))
        assert (missing.status, missing.content_type) == (404, "application/octet-stream"), path
    assert (await client.get("/workflow_templates/one/demo.json")).status == 404


async def test_scripts_of_packs(start, packs):
    web = packs / "one" / "js files"
    write(web / "b.js", "export const b = 1")
    write(web / "sub dir" / "a.js", "import './x.mjs'")
    write(web / "style.css", "* {}")
    write(web / "page.html", "<p>")
    (web / "out.js").symlink_to(packs / "two" / "secret.py")
    serving = await start(web_folders=lambda: {"one pack": web})
    listed = await (await serving.client.get("/extensions")).json()
    assert listed == [
        "/extensions/one%20pack/b.js",
        "/extensions/one%20pack/out.js",
        "/extensions/one%20pack/sub%20dir/a.js",
    ]
    for path, kind in ((listed[0], "text/javascript"), (listed[2], "text/javascript")):
        answer = await serving.client.get(URL(path, encoded=True))
        assert (answer.status, answer.content_type) == (200, kind)
        assert answer.headers["Cache-Control"] == "no-cache"
    assert (await serving.client.get("/extensions/one pack/style.css")).content_type == "text/css"
    for path in (
        listed[1],
        "/extensions/one%20pack/none.js",
        "/extensions/two/a.js",
        "/extensions/one%20pack/..%2F..%2Fx.js",
    ):
        assert (await serving.client.get(URL(path, encoded=True))).status == 404
    assert (await serving.client.get("/api/extensions/one pack/b.js")).status == 404


def test_objects_are_merged_deeply():
    assert merged({"a": {"b": 1, "c": [1]}, "d": 1}, {"a": {"c": [2], "e": 3}, "d": {"f": 1}}) == {
        "a": {"b": 1, "c": [2], "e": 3},
        "d": {"f": 1},
    }


def test_packs_that_are_switched_off_are_no_packs(folders, packs):
    assert list(pack_folders(folders)) == ["one", "two"]
