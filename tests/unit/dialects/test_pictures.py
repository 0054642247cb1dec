"""Wishes for pictures as graphs."""

from limner.dialects.pictures import PictureWish, pictures_of
from limner.graph.graph import Link


def test_each_picture_has_a_walk_with_its_own_seed():
    nodes = PictureWish(model="m", prompt="p", seeds=(5, 9), steps=3).graph().nodes
    assert [nodes[f"walk {number}"].inputs["seed"] for number in (1, 2)] == [5, 9]
    assert nodes["walk 1"].inputs["latent_image"] == Link("latent", 0)
    assert nodes["latent"].inputs["width"] == Link("size", 0)


def test_what_a_mask_hides_is_the_origins_in_the_end():
    nodes = PictureWish(model="m", prompt="p", origin="o.png", mask="h.png").graph().nodes
    assert nodes["latent"].type == "SetLatentNoiseMask"
    assert nodes["picture 1"].inputs["images"] == Link("joined 1", 0)
    assert nodes["joined 1"].inputs["mask"] == Link("hole", 1)
    assert PictureWish(model="m", prompt="p", origin="o.png").graph().nodes["latent"].type == "VAEEncode"


def test_files_come_in_the_order_of_the_seeds():
    told = {f"picture {number}": {"images": [{"filename": str(number)}]} for number in (10, 2, 1)}
    assert [file["filename"] for file in pictures_of({"x": {"images": [{}]}, **told})] == ["1", "2", "10"]
