"""Videos into files and back: frames, sound, the workflow, streams that are kept."""

import json
from fractions import Fraction
from io import BytesIO

import pytest
import torch
from PIL import Image

from limner.graph.errors import StorageError
from limner.media.videos import FileVideo, read_video
from limner.nodes.videos import create_video, get_video_components, load_video, save_animation, save_video, save_webm

PROMPT, EXTRA = {"1": {"class_type": "KSampler"}}, {"workflow": {"nodes": []}}
FRAMES, RATE = 7, 8000


@pytest.fixture
def images():
    """A bright square that moves over a dark ground."""
    images = torch.full((FRAMES, 32, 48, 3), 0.1)
    for number, image in enumerate(images):
        image[8:24, number * 4 : number * 4 + 16] = 0.9
    return images


@pytest.fixture
def audio():
    wave = torch.sin(torch.arange(RATE) / RATE * 440 * 2 * torch.pi)
    return {"waveform": wave.expand(1, 2, -1) * 0.5, "sample_rate": RATE}


def documents():
    return {"prompt": PROMPT, "extra_pnginfo": EXTRA}


def similar(found, images):
    return (found - images).abs().mean() < 0.03


def test_a_video_is_saved_with_sound_and_workflow_and_loaded(folders, images, audio):
    video = create_video(images=images, fps=8.0, audio=audio)
    told = save_video(video=video, filename_prefix="a/move", folders=folders, **documents())
    assert told.ui["images"] == [{"filename": "move_00001_.mp4", "subfolder": "a", "type": "output"}]
    parts = read_video(folders.output / "a" / "move_00001_.mp4")
    assert parts.frame_rate == 8
    assert similar(parts.images, images)
    assert json.loads(parts.metadata["prompt"]) == PROMPT
    assert json.loads(parts.metadata["workflow"]) == EXTRA["workflow"]
    assert parts.audio["sample_rate"] == RATE
    assert parts.audio["waveform"].shape[-1] / RATE == pytest.approx(FRAMES / 8, abs=0.2)

    again = load_video(file="a/move_00001_.mp4 [output]", folders=folders)
    shown, sound, fps = get_video_components(video=again)
    assert torch.equal(shown, parts.images)
    assert sound["waveform"].shape == parts.audio["waveform"].shape
    assert fps == 8.0
    assert (again.get_dimensions(), again.get_frame_rate()) == ((48, 32), Fraction(8))


def test_streams_that_fit_are_kept_as_they_are(folders, images, audio):
    save_video(video=create_video(images=images, fps=8.0, audio=audio), filename_prefix="first", folders=folders)
    video = FileVideo(folders.output / "first_00001_.mp4")
    save_video(video=video, filename_prefix="second", folders=folders, **documents())
    first, second = (read_video(folders.output / f"{name}_00001_.mp4") for name in ("first", "second"))
    assert torch.equal(first.images, second.images)
    assert torch.equal(first.audio["waveform"], second.audio["waveform"])
    assert json.loads(second.metadata["prompt"]) == PROMPT


@pytest.mark.parametrize("codec", ["vp9", "av1"])
def test_webm(folders, images, codec):
    save_webm(images=images, filename_prefix="w", codec=codec, fps=12.5, crf=20.0, folders=folders, **documents())
    parts = read_video(folders.output / "w_00001_.webm")
    assert (len(parts.images), parts.frame_rate) == (FRAMES, Fraction(25, 2))
    assert similar(parts.images, images)
    texts = {key.lower(): text for key, text in parts.metadata.items()}
    assert json.loads(texts["prompt"]) == PROMPT


def test_other_videos_become_mp4(folders, images):
    save_webm(images=images, filename_prefix="w", codec="vp9", crf=20.0, folders=folders)
    save_video(video=FileVideo(folders.output / "w_00001_.webm"), filename_prefix="m", folders=folders)
    assert similar(read_video(folders.output / "m_00001_.mp4").images, images)


@pytest.mark.parametrize(("kind", "suffix"), [("mp4", "mp4"), ("webm vp9", "webm")])
def test_animations_keep_sound(folders, images, audio, kind, suffix):
    save_animation(
        images=images, filename_prefix="v", fps=8.0, format=kind, audio=audio, folders=folders, **documents()
    )
    parts = read_video(folders.output / f"v_00001_.{suffix}")
    assert similar(parts.images, images)
    assert parts.audio["waveform"].abs().max() > 0.2


@pytest.mark.parametrize("kind", ["webp", "gif"])
def test_moving_pictures(folders, images, kind):
    save_animation(images=images, filename_prefix="v", fps=10.0, format=kind, folders=folders, **documents())
    data = (folders.output / f"v_00001_.{kind}").read_bytes()
    with Image.open(BytesIO(data)) as picture:
        assert picture.n_frames == FRAMES
        if kind == "gif":
            assert json.loads(picture.info["comment"])["prompt"] == PROMPT
            assert picture.info["duration"] == 100


def test_odd_sides_are_cut(folders):
    save_video(video=create_video(images=torch.rand(3, 33, 47, 3), fps=5.0), filename_prefix="odd", folders=folders)
    assert read_video(folders.output / "odd_00001_.mp4").images.shape == (3, 32, 46, 3)


def test_what_is_no_video_is_said(folders):
    (folders.input / "a.mp4").write_bytes(b"nothing")
    with pytest.raises(StorageError, match=r"a\.mp4 cannot be read as a video"):
        load_video(file="a.mp4", folders=folders).get_components()
