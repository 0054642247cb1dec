"""Windows reach everything, their weights join what they say, and networks see their part of what they are given."""

from dataclasses import replace

import pytest
import torch
from tests.models.families import ltxv, wan
from tests.models.families.case import Bench

from limner.graph.errors import NumericsError
from limner.models.family import Pass
from limner.models.patches.context_windows import FUSIONS, SCHEDULES, ContextWindows, in_windows, spread
from limner.models.patches.patch import PATCHES
from limner.nodes.context_windows import context_windows_manual, wan_context_windows_manual
from limner.sampling.variants import Moment, varied

WINDOWS = ContextWindows(4, 1)


def passed(x, windows, inputs=None):
    return Pass(x, torch.ones(len(x)), inputs or {}, {PATCHES: (windows,)})


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("total", [5, 7, 16, 33])
@pytest.mark.parametrize("stride", [1, 3])
def test_windows_reach_every_element_at_every_step(schedule, total, stride):
    for step in range(9):
        found = replace(WINDOWS, schedule=schedule, stride=stride, step=step).windows(total)
        assert {place for window in found for place in window} == set(range(total))
        assert all(len(window) <= 4 for window in found)


def test_static_windows_end_where_the_latent_ends():
    assert WINDOWS.windows(8) == [(0, 1, 2, 3), (3, 4, 5, 6), (4, 5, 6, 7)]
    assert WINDOWS.windows(7) == [(0, 1, 2, 3), (3, 4, 5, 6)]
    assert WINDOWS.windows(3) == [(0, 1, 2)]


def test_batched_windows_share_nothing():
    assert replace(WINDOWS, schedule="batched").windows(6) == [(0, 1, 2, 3), (4, 5)]


def test_uniform_windows_move_and_stay_inside():
    moving = replace(WINDOWS, schedule="standard_uniform")
    assert moving.windows(10) == [(0, 1, 2, 3), (3, 4, 5, 6), (6, 7, 8, 9)]
    assert replace(moving, step=1).windows(10) == [(0, 1, 2, 3), (1, 2, 3, 4), (4, 5, 6, 7), (6, 7, 8, 9)]


def test_looped_windows_go_around_the_end():
    looped = replace(WINDOWS, schedule="looped_uniform", step=1)
    assert looped.windows(8) == [(4, 5, 6, 7), (7, 0, 1, 2), (2, 3, 4, 5)]
    assert replace(looped, overlap=0).windows(8) == [(4, 5, 6, 7), (0, 1, 2, 3)]
    closed = replace(WINDOWS, schedule="looped_uniform", closed=True)
    assert closed.windows(9) == [(0, 1, 2, 3), (3, 4, 5, 6), (6, 7, 8, 0)]


def test_strides_skip_elements():
    found = replace(WINDOWS, schedule="standard_uniform", stride=2).windows(9)
    assert (0, 2, 4, 6) in found
    assert (2, 4, 6, 8) in found


def test_moved_windows_lie_far_apart():
    assert [spread(number) for number in range(5)] == [0, 0.5, 0.25, 0.75, 0.125]


def test_weights():
    def weights(fusion, window, overlap=1):
        found = replace(WINDOWS, fusion=fusion, overlap=overlap).weights(window, 12)
        return [round(float(weight), 4) for weight in found]

    assert weights("flat", (3, 4, 5)) == [1, 1, 1]
    assert weights("pyramid", (3, 4, 5, 6, 7)) == [1, 2, 3, 2, 1]
    assert weights("pyramid", (3, 4, 5, 6)) == [1, 2, 2, 1]
    assert weights("relative", (3, 4, 5, 6)) == [0.25, 0.75, 0.75, 0.25]
    assert weights("overlap-linear", (3, 4, 5, 6)) == [0.5, 1, 1, 0.5]
    assert weights("overlap-linear", (0, 1, 2, 3)) == [1, 1, 1, 0.5]
    assert weights("overlap-linear", (8, 9, 10, 11), overlap=2) == [0.3333, 0.6667, 1, 1]


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_what_looks_at_each_place_alone_says_the_same_in_windows(fusion, schedule):
    x = torch.randn(2, 3, 11, 4, 5, generator=torch.Generator().manual_seed(1))
    windows = replace(WINDOWS, schedule=schedule, fusion=fusion, step=3)
    torch.testing.assert_close(in_windows(lambda call: call.x * 2, passed(x, windows), together=False), x * 2)


def test_where_windows_overlap_the_weighted_mean_counts():
    seen = []

    def run(call):
        seen.append(call.x)
        return torch.full_like(call.x, len(seen))

    x = torch.zeros(1, 1, 6, 1, 1)
    found = in_windows(run, passed(x, ContextWindows(4, 2, fusion="pyramid")), together=False)
    assert found.flatten().tolist() == pytest.approx([1, 1, (2 + 2) / 3, (1 + 4) / 3, 2, 2])


def test_inputs_of_the_latents_size_are_cut_like_it():
    x = torch.arange(6.0).reshape(1, 1, 6, 1, 1)
    inputs = {
        "concat": torch.cat([x, x], dim=1),
        "context": torch.zeros(1, 6, 3),
        "picture": torch.zeros(1, 4, 1, 1, 1),
    }

    def run(call):
        assert torch.equal(call.inputs["concat"][:, :1], call.x)
        assert (call.inputs["context"].shape, call.inputs["picture"].shape) == ((1, 6, 3), (1, 4, 1, 1, 1))
        return call.x

    assert torch.equal(in_windows(run, passed(x, WINDOWS, inputs), together=False), x)


def test_a_batch_that_is_one_video_is_cut_with_everything_that_it_is_given():
    x = torch.arange(7.0).reshape(7, 1, 1, 1)
    windows = replace(WINDOWS, dimension=0)

    def run(call):
        assert len(call.x) == len(call.timestep) == len(call.inputs["context"]) == 4
        assert torch.equal(call.inputs["context"].flatten(), call.x.flatten())
        return call.x

    call = passed(x, windows, {"context": x.reshape(7, 1, 1)})
    assert torch.equal(in_windows(run, call, together=True), x)
    assert torch.equal(in_windows(lambda call: call.x + len(call.x), call, together=False), x + 7)


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(NumericsError, match="dimension 4"):
        in_windows(lambda call: call.x, passed(torch.zeros(1, 4, 8, 8), replace(WINDOWS, dimension=4)), together=False)
    with pytest.raises(NumericsError, match="below"):
        replace(WINDOWS, overlap=4).checked()
    with pytest.raises(NumericsError, match="Channels"):
        replace(WINDOWS, dimension=1).checked()


@pytest.fixture
def bench(tmp_path):
    return Bench(ltxv.TEXT_TO_VIDEO, tmp_path)


def test_a_network_sees_windows(bench):
    """Its places are those of the whole video."""
    model = bench.load("original")
    plain = {"context_schedule": "standard_static", "context_overlap": 1, "fuse_method": "flat", "dim": 2}
    windowed = context_windows_manual(model=model, context_length=3, **plain)
    x, timestep = torch.randn(1, 128, 5, 2, 2, generator=torch.Generator().manual_seed(1)), torch.tensor([0.5])
    text = bench.texts(1)[0]
    inputs = model.inputs(text[1], text[0], x)
    cut = [
        model.predict(x[:, :, part], timestep, {**inputs, "places": inputs["places"][:, :, part]})
        for part in (slice(0, 3), slice(2, 5))
    ]
    middle = (cut[0][:, :, 2:] + cut[1][:, :, :1]) / 2
    expected = torch.cat([cut[0][:, :, :2], middle, cut[1][:, :, 1:]], dim=2)
    torch.testing.assert_close(windowed.predict(x, timestep, inputs), expected)
    assert windowed.key != model.key
    whole = context_windows_manual(model=model, context_length=5, **plain)
    assert torch.equal(whole.predict(x, timestep, inputs), model.predict(x, timestep, inputs))


def test_pictures_that_a_network_sees_beside_the_video_are_cut_too(tmp_path):
    bench = Bench(wan.IMAGE_TO_VIDEO, tmp_path)
    model = bench.load("original")
    windowed = wan_context_windows_manual(
        model=model, context_length=5, context_overlap=1, context_schedule="standard_static", fuse_method="flat"
    )
    draw = torch.Generator().manual_seed(1)
    x, timestep = torch.randn(1, 16, 3, 4, 4, generator=draw), torch.tensor([0.5])
    text = bench.texts(1)[0]
    shown = {"concat_latent_image": torch.randn(1, 16, 3, 4, 4, generator=draw)}
    inputs = model.inputs(shown | text[1], text[0], x)
    cut = [
        model.predict(x[:, :, part], timestep, inputs | {"concat": inputs["concat"][:, :, part]})
        for part in (slice(0, 2), slice(1, 3))
    ]
    middle = (cut[0][:, :, 1:] + cut[1][:, :, :1]) / 2
    expected = torch.cat([cut[0][:, :, :1], middle, cut[1][:, :, 1:]], dim=2)
    torch.testing.assert_close(windowed.predict(x, timestep, inputs), expected)


def test_windows_of_wan_are_counted_in_frames_and_move(bench):
    model = bench.load("original")
    moving = wan_context_windows_manual(model=model, context_schedule="standard_uniform")
    first, second = (varied(moving, Moment(0.5, 0, number)) for number in (0, 1))
    assert first.options[PATCHES] == (ContextWindows(21, 8, "standard_uniform", step=0),)
    assert second.key != first.key
