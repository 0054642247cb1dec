"""``/global_subgraphs`` and ``/node_replacements``."""

import json


async def test_files_of_packs_and_blueprints_are_offered(serving):
    pack = serving.folders.roots("custom_nodes")[0] / "pack" / "subgraphs"
    own = serving.folders.data / "blueprints"
    for folder, name in ((pack, "one"), (own, "two")):
        folder.mkdir(parents=True)
        (folder / f"{name}.json").write_text(json.dumps({"name": name}))
    listed = await (await serving.client.get("/api/global_subgraphs")).json()
    named = {entry["name"]: (key, entry) for key, entry in listed.items()}
    assert named["one"][1] == {"source": "custom_node", "name": "one", "info": {"node_pack": "custom_nodes.pack"}}
    assert named["two"][1]["source"] == "templates"
    assert all(len(key) == 64 for key in listed)
    found = await (await serving.client.get(f"/global_subgraphs/{named['one'][0]}")).json()
    assert json.loads(found["data"]) == {"name": "one"}
    assert await (await serving.client.get("/global_subgraphs/none")).json() is None


async def test_there_are_no_replacements_without_packs(serving):
    assert await (await serving.client.get("/api/node_replacements")).json() == {}
