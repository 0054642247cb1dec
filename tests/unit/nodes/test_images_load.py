"""Pictures come from the folder that their name says, and nowhere else."""

import pytest
import torch
from PIL import Image

from limner.graph.errors import StorageError
from limner.nodes.images_load import load_image, load_image_mask


def test_pictures_of_all_folders(folders):
    Image.new("RGB", (4, 6), "red").save(folders.input / "a.png")
    Image.new("RGB", (8, 6), "red").save(folders.output / "a.png")
    images, masks = load_image(image="a.png", folders=folders)
    assert images.shape == (1, 6, 4, 3)
    assert masks.shape == (1, 64, 64)
    assert load_image(image="a.png [output]", folders=folders)[0].shape == (1, 6, 8, 3)
    assert torch.equal(load_image_mask(image="a.png", channel="red", folders=folders), torch.ones(1, 6, 4))


def test_the_fingerprint_follows_the_content(folders):
    path = folders.input / "a.png"
    Image.new("RGB", (4, 6), "red").save(path)
    before = load_image.fingerprint(image="a.png", folders=folders)
    assert load_image.fingerprint(image="a.png", folders=folders) == before
    Image.new("RGB", (4, 6), "blue").save(path)
    assert load_image.fingerprint(image="a.png", folders=folders) != before
    assert load_image.fingerprint(image=None, folders=folders) == "missing"


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "..\\a.png", ""])
def test_names_that_leave_the_folder_are_refused(folders, name):
    with pytest.raises(StorageError, match="is not a name inside its folder"):
        load_image(image=name, folders=folders)
