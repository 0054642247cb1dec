"""A1111's ControlNet over HTTP."""

from tests.unit.server.test_a1111_pictures import picture


async def test_lists_have_the_shapes_that_clients_read(serving):
    folder = serving.folders.place("controlnet")
    folder.mkdir(parents=True)
    (folder / "tile.safetensors").write_bytes(b"12345678")
    told = {}
    for name in ("version", "model_list", "module_list", "control_types"):
        told |= await (await serving.client.get(f"/controlnet/{name}")).json()
    assert told["version"] >= 2
    assert told["model_list"] == ["tile"]
    assert "canny" in told["module_list"]
    kind = told["control_types"]["Canny"]
    assert (kind["default_option"], kind["module_list"]) == ("canny", ["none", "canny"])
    assert told["control_types"]["All"]["model_list"] == ["None", "tile"]


async def test_hints_are_made_of_pictures(serving):
    body = {"controlnet_module": "none", "controlnet_input_images": [picture(), picture((4, 4))]}
    told = await (await serving.client.post("/controlnet/detect", json=body)).json()
    assert (told["info"], len(told["images"])) == ("Success", 2)
    other = {"controlnet_module": "none", "controlnet_images": [picture()]}
    assert (await serving.client.post("/controlnet/detect", json=other)).status == 200
    for wrong in ({"controlnet_module": "x"}, {"controlnet_input_images": []}):
        assert (await serving.client.post("/controlnet/detect", json=body | wrong)).status == 422
