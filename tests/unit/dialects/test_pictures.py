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


def test_further_pictures_are_shown_to_networks_one_after_another():
    nodes = PictureWish(model="m", prompt="p", origin="o.png", references=("a.png", "b.png")).graph().nodes
    assert nodes["walk 1"].inputs["positive"] == Link("seen 2", 0)
    assert nodes["seen 2"].inputs["conditioning"] == Link("seen 1", 0)
    assert nodes["seen 1"].inputs["conditioning"] == Link("positive", 0)
    assert [nodes[f"shown {number}"].inputs["image"] for number in (1, 2)] == ["a.png", "b.png"]


def test_backgrounds_are_cut_off_last():
    nodes = (
        PictureWish(model="m", prompt="p", seeds=(1, 2), cutter="c.onnx", origin="o.png", mask="h.png").graph().nodes
    )
    assert nodes["picture 2"].inputs["images"] == Link("cut out 2", 0)
    assert nodes["cut out 2"].inputs["image"] == Link("joined 2", 0)
    assert [node.type for node in nodes.values()].count("LoadBackgroundRemovalModel") == 1


def test_what_was_only_shown_counts_where_nothing_was_saved():
    shown, saved = ({"filename": place, "type": place} for place in ("temp", "output"))
    assert pictures_of({"picture 1": {"images": [shown]}, "picture 2": {"images": [saved]}}) == [saved]
    assert pictures_of({"picture 1": {"images": [shown]}}) == [shown]


def test_files_come_in_the_order_of_the_seeds():
    told = {f"picture {number}": {"images": [{"filename": str(number)}]} for number in (10, 2, 1)}
    assert [file["filename"] for file in pictures_of({"x": {"images": [{}]}, **told})] == ["1", "2", "10"]
