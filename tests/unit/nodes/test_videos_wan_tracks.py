"""Tracks: read from texts, brought to a video's frames, painted into what networks see of a picture."""

import json
from math import exp

import pytest
import torch
from tests.unit.nodes.wan_frames import TEXTS, Folding

from limner.graph.errors import NumericsError
from limner.models.parts.motion_tracks import Tracks, painted
from limner.nodes.videos_wan_tracks import read_tracks, wan_track_to_video

SIZE = {"width": 64, "height": 32, "length": 9}


def still(x: float, y: float, frames: int) -> list[dict[str, float]]:
    return [{"x": x, "y": y}] * frames


def test_one_track_several_tracks_and_none():
    one = still(1, 2, 3)
    assert torch.equal(read_tracks(json.dumps(one))[0], torch.tensor([[1.0, 2.0]] * 3))
    assert [len(track) for track in read_tracks(str([one, one[:2], []]))] == [3, 2]
    assert read_tracks("[]") == read_tracks("") == []


@pytest.mark.parametrize("text", ["{", "7", '[{"x": 1}]', '["a"]', '{"x": 1}'])
def test_what_is_no_track_is_told(text):
    with pytest.raises(NumericsError, match="JSON list of tracks"):
        read_tracks(text)


def test_parts_are_painted_where_their_tracks_lead():
    """Against the formula in float64, point by point."""
    generator = torch.Generator().manual_seed(1)
    latent = torch.randn(1, 2, 3, 4, 6, generator=generator)
    places = torch.rand(9, 3, 2, generator=generator) * 2 - 1
    visible = (torch.rand(9, 3, generator=generator) > 0.3).float()
    moved, covered = painted(latent, Tracks(places, visible), 4, 5.0, 2)
    assert torch.equal(moved[:, :, 0], latent[:, :, 0])
    assert covered[0].eq(1).all()
    beginnings = [_sampled(latent[0, :, 0].double(), places[0, number].double()) for number in range(3)]
    for element in (1, 2):
        for row in range(4):
            for column in range(6):
                place = torch.tensor([-1.5 + 3 * column / 5, -1 + 2 * row / 3], dtype=torch.float64)
                weights = [
                    _weight(places[4 * element - 3 : 4 * element + 1, n], visible[4 * element - 3 :][:4, n], place)
                    for n in range(3)
                ]
                best = sorted(range(3), key=lambda n: -weights[n])[:2]
                total = min(1.0, sum(weights[n] for n in best))
                expected = sum(weights[n] * beginnings[n] for n in best)
                expected = expected + (1 - total) * latent[0, :, element, row, column].double()
                torch.testing.assert_close(moved[0, :, element, row, column], expected.float(), atol=1e-4, rtol=1e-4)
                assert abs(float(covered[element, row, column]) - total) < 1e-4


def _weight(places: torch.Tensor, visible: torch.Tensor, place: torch.Tensor) -> float:
    seen = [where.double() for where, shown in zip(places, visible, strict=True) if shown]
    if not seen:
        return 0.0
    return exp(-5.0 * float((torch.stack(seen).mean(dim=0) - place).square().sum()))


def _sampled(picture: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
    """Bilinear between the middles of elements; beyond the border lies zero."""
    height, width = picture.shape[-2:]
    x = (float(place[0] / 1.5) + 1) / 2 * width - 0.5
    y = (float(place[1]) + 1) / 2 * height - 0.5
    total = torch.zeros(len(picture), dtype=torch.float64)
    for row in range(height):
        for column in range(width):
            share = max(0.0, 1 - abs(x - column)) * max(0.0, 1 - abs(y - row))
            total += share * picture[:, row, column]
    return total


def test_a_track_that_stays_shows_its_part_in_every_frame_until_it_ends():
    picture = torch.zeros(1, 32, 64, 3)
    picture[:, 8:16, 16:24] = 1.0
    tracks = json.dumps([still(20, 12, 61)])
    positive, negative, latent = wan_track_to_video(
        **TEXTS, vae=Folding(), **SIZE, tracks=tracks, start_image=picture, temperature=5.0, topk=1
    )
    told = positive[0][1]
    assert negative[0][1].keys() == told.keys() == {"concat_latent_image", "concat_mask"}
    assert told["concat_mask"].shape == (1, 4, 3, 4, 8)
    assert latent["samples"].shape == (1, 16, 3, 4, 8)
    drawn = told["concat_mask"][0, 0]
    assert not drawn[0].any()
    assert drawn[1, 1, 2] < 0.2 < drawn[1, 3, 7]
    assert drawn[2].eq(1).all()
    shown = told["concat_latent_image"][0, 0]
    assert shown[1, 1, 2] > 0.9
    assert shown[2].sub(0.5).abs().max() < 1e-5


def test_without_tracks_the_video_just_begins_with_the_picture():
    told = wan_track_to_video(**TEXTS, vae=Folding(), **SIZE, start_image=torch.ones(1, 32, 64, 3))[0][0][1]
    assert told["concat_latent_image"][0, 0, :, 0, 0].tolist() == [1.0, 0.5, 0.5]
