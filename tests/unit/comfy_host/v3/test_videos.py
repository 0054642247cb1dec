"""Videos as packs make and read them."""

import importlib
import io
from fractions import Fraction

import pytest
import torch

pytest.importorskip("av")


def test_a_video_of_pictures_is_read_again_from_a_file_and_from_memory(host, tmp_path):
    made = importlib.import_module("comfy_api.input_impl")
    parts = importlib.import_module("comfy_api.util").VideoComponents
    images = torch.linspace(0, 1, 6)[:, None, None, None].expand(6, 16, 20, 3).contiguous()
    video = made.VideoFromComponents(parts(images=images, frame_rate=Fraction(12)))
    video.save_to(str(tmp_path / "a.mp4"), metadata={"prompt": {"1": "x"}})
    for source in (str(tmp_path / "a.mp4"), io.BytesIO((tmp_path / "a.mp4").read_bytes())):
        read = made.VideoFromFile(source)
        assert (read.get_dimensions(), read.get_frame_rate(), read.get_frame_count()) == ((20, 16), 12, 6)
        assert "mp4" in read.get_container_format()
        assert (read.get_components().images - images).abs().max() < 0.05
        assert read.get_components().metadata["prompt"] == '{"1": "x"}'


def test_a_video_file_is_kept_as_it_is(host, tmp_path):
    made = importlib.import_module("comfy_api.input_impl")
    parts = importlib.import_module("comfy_api.util").VideoComponents
    made.VideoFromComponents(parts(images=torch.rand(4, 16, 16, 3), frame_rate=Fraction(8))).save_to(
        str(tmp_path / "a.mp4")
    )
    made.VideoFromFile(str(tmp_path / "a.mp4")).save_to(str(tmp_path / "b.mp4"))
    first, second = (made.VideoFromFile(str(tmp_path / name)).get_components() for name in ("a.mp4", "b.mp4"))
    assert torch.equal(first.images, second.images)
