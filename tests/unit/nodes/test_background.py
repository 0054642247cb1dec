"""Backgrounds removed with and without a network, and replaced."""

from pathlib import Path

import pytest
import torch
from tests.unit.nodes.onnx_files import write_background_network

from limner.graph.errors import LimnerError, ModelFileError, NumericsError, SettingsError
from limner.media.pictures import read_picture
from limner.media.plain_background import to_lab
from limner.models.extras import extra_module
from limner.nodes.background import KEY, cut_out_subject, replace_background
from limner.nodes.background_models import load_background_removal_model, remove_background

PICTURES = Path(__file__).parent / "pictures"


def disc(side=96, radius=0.6):
    """1 inside a disc."""
    line = torch.linspace(-1, 1, side)
    return ((line[:, None] ** 2 + line**2) < radius**2).float()


def overlap(mask, truth):
    found, wanted = mask > 0.5, truth > 0.5
    return float((found & wanted).sum() / (found | wanted).sum())


def scene(*, lighter=0.0, noise=0.0, subject=(0.8, 0.2, 0.1), behind=(0.3, 0.5, 0.8)):
    """A disc on a plain background that may get lighter to the right."""
    draw = torch.Generator().manual_seed(3)
    slope = torch.linspace(0, lighter, 96)[None, :, None]
    ground = torch.tensor(behind).expand(96, 96, 3) + slope
    image = torch.where(disc()[..., None] > 0, torch.tensor(subject), ground)
    return (image + noise * torch.randn(96, 96, 3, generator=draw)).clamp(0, 1)[None]


@pytest.mark.parametrize("facts", [{}, {"lighter": 0.18}, {"noise": 0.02}, {"lighter": 0.1, "noise": 0.015}])
def test_a_subject_on_a_plain_background(facts):
    image, mask = cut_out_subject(image=scene(**facts))
    assert overlap(mask[0], disc()) > 0.97
    assert image.shape == (1, 96, 96, 4)
    assert torch.equal(image[..., 3], mask)


def test_the_edge_has_nothing_of_the_background():
    soft = torch.nn.functional.avg_pool2d(disc()[None, None], 5, 1, 2)[0, 0][..., None]
    mixed = soft * torch.tensor([0.8, 0.2, 0.1]) + (1 - soft) * torch.tensor([0.1, 0.9, 0.1])
    image, mask = cut_out_subject(image=mixed[None])
    edge = (mask > 0.05) & (mask < 0.95)
    assert edge.any()
    assert image[..., 1][edge].mean() < mixed[None][..., 1][edge].mean() - 0.1, "less green than what was seen"


def test_enclosed_background_stays_or_goes():
    image = scene()
    image[0, 40:56, 40:56] = torch.tensor([0.3, 0.5, 0.8])
    assert cut_out_subject(image=image)[1][0, 48, 48] == 1.0
    assert cut_out_subject(image=image, remove_enclosed=True)[1][0, 48, 48] == 0.0


def test_gaps_are_closed():
    image = scene()
    image[0, :48, 46:50] = torch.tensor([0.3, 0.5, 0.8])
    assert cut_out_subject(image=image)[1][0, 40, 48] == 0.0
    assert cut_out_subject(image=image, close_gaps=4)[1][0, 40, 48] == 1.0


def test_a_colour_may_be_given():
    image = scene(behind=(0.0, 1.0, 0.0))
    image[0, :8] = torch.tensor([0.2, 0.2, 0.2])
    image[0, -8:] = torch.tensor([0.2, 0.2, 0.2])
    mask = cut_out_subject(image=image, background=KEY, colour=0x00FF00)[1][0]
    assert mask[48, 2] == 0.0 and mask[4, 48] == 1.0 and mask[48, 48] == 1.0


@pytest.mark.parametrize(("name", "share"), [("apple", (0.35, 0.5)), ("car", (0.28, 0.42))])
def test_pictures_of_the_built_in_model(name, share):
    picture = read_picture(PICTURES / f"{name}.png").images
    _, mask = cut_out_subject(image=picture)
    assert share[0] < float(mask.mean()) < share[1]
    assert mask[0, 64, 64] == 1.0
    corners = mask[0, [0, 0, -1, -1], [0, -1, 0, -1]]
    assert corners.tolist() == [0.0] * 4
    # One piece, without holes: everything on the way from the middle to the outline is subject.
    rows = (mask[0] > 0.5).any(dim=1).nonzero()[:, 0]
    assert len(rows) == int(rows.max() - rows.min()) + 1


def test_colours_as_the_eye_sees_them():
    lab = to_lab(torch.tensor([[1.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.5, 0.5, 0.5]]).double().numpy())
    expected = [[100.0, 0.0, 0.0], [53.24, 80.09, 67.20], [53.39, 0.0, 0.0]]
    assert abs(lab - expected).max() < 0.1


def test_backgrounds_are_replaced():
    image, mask = cut_out_subject(image=scene())
    white = replace_background(image=image)
    assert white.shape == (1, 96, 96, 3)
    assert white[0, 0, 0].tolist() == [1.0] * 3
    other = torch.zeros(1, 20, 40, 3)
    black = replace_background(image=scene(), mask=mask, background=other)
    assert black[0, 0, 0].tolist() == [0.0] * 3
    torch.testing.assert_close(black[0, 48, 48], torch.tensor([0.8, 0.2, 0.1]))


def test_what_is_missing_is_asked_for():
    with pytest.raises(NumericsError, match="Link a mask"):
        replace_background(image=scene())
    with pytest.raises(NumericsError, match="3 backgrounds came for 1"):
        replace_background(image=scene(), mask=disc()[None], background=torch.zeros(3, 8, 8, 3))


@pytest.mark.parametrize(
    ("name", "logits"), [("u2net.onnx", False), ("BiRefNet-tiny.onnx", True), ("isnet.onnx", False)]
)
def test_a_network_says_what_is_subject(folders, name, logits):
    write_background_network(folders.model_roots[0] / "background_removal" / name, logits=logits)
    model = load_background_removal_model(bg_removal_name=name, folders=folders)
    mask = remove_background(bg_removal_model=model, image=scene().expand(2, -1, -1, -1))
    assert mask.shape == (2, 96, 96)
    assert overlap(mask[0], disc()) > 0.9
    assert folders.list("background_removal") == [name]


def test_missing_and_wrong_files_say_what_to_get(folders):
    with pytest.raises(ModelFileError, match=r"Put an ONNX file of such a network, for instance u2net\.onnx"):
        load_background_removal_model(bg_removal_name="u2net.onnx", folders=folders)
    folder = folders.model_roots[0] / "background_removal"
    folder.mkdir(parents=True)
    (folder / "birefnet.safetensors").write_bytes(b"x")
    with pytest.raises(ModelFileError, match="no ONNX file"):
        load_background_removal_model(bg_removal_name="birefnet.safetensors", folders=folders)


def test_damaged_and_foreign_networks_are_refused(folders):
    pytest.importorskip("onnxruntime", reason="limner[background] runs networks of ONNX files")
    folder = folders.model_roots[0] / "background_removal"
    folder.mkdir(parents=True)
    (folder / "cut.onnx").write_bytes(b"\x08\x07not a network")
    with pytest.raises(ModelFileError, match=r"cut\.onnx cannot be loaded"):
        load_background_removal_model(bg_removal_name="cut.onnx", folders=folders)
    write_background_network(folder / "wide.onnx", side=32)
    network = load_background_removal_model(bg_removal_name="wide.onnx", folders=folders).network
    with pytest.raises(LimnerError, match="does not take what it was given"):
        network.run({"input": torch.zeros(1, 1, 8, 8).numpy()})


def test_a_replaced_file_changes_the_fingerprint(folders):
    ask = load_background_removal_model.fingerprint
    assert ask(bg_removal_name="a.onnx", folders=folders) == "missing"
    path = write_background_network(folders.model_roots[0] / "background_removal" / "a.onnx")
    assert str(path) in ask(bg_removal_name="a.onnx", folders=folders)


def test_packages_that_are_missing_say_how_to_install_them():
    with pytest.raises(SettingsError, match=r"Reading needs the package no_such_package.*pip install 'limner\[ocr\]'"):
        extra_module("no_such_package.inner", "ocr", "Reading")
