"""What Wan's networks are shown: the order of what lies beside a video, frames before and behind it, their times."""

from types import SimpleNamespace

import torch

from limner.models.families.wan21 import WAN21
from limner.models.families.wan22 import WAN22
from limner.models.family import InputRequest, Pass
from limner.models.parts.wan_animate import animate_inputs
from limner.models.parts.wan_pass import wan_forward, wan_inputs

TEXT = torch.ones(1, 3, 8)
NUMBERS = torch.Generator().manual_seed(2)


class Recorder:
    """Takes the place of a network and gives its input back, without what lies beside it."""

    def __init__(self, channels: int) -> None:
        self.channels = channels

    def __call__(self, hidden_states, **options):
        self.shown, self.options = hidden_states, options
        return (hidden_states[:, : self.channels],)


def request(entry: dict, latent: torch.Tensor, family=WAN21, **facts) -> InputRequest:
    return InputRequest(entry, TEXT, latent, family.latent_format, {"in_channels": latent.shape[1], **facts})


def test_the_mask_stands_before_the_video_with_known_frames():
    latent = torch.zeros(1, 48, 2, 4, 4)
    control, mask = torch.randn(1, 48, 2, 4, 4, generator=NUMBERS), torch.tensor([0.0, 1.0])[None, None, :, None, None]
    entry = {"concat_latent_image": torch.cat([control, control], dim=1), "concat_mask": mask}
    beside = wan_inputs(request(entry, latent, WAN22, in_channels=148))["concat"]
    seen = WAN22.latent_format.to_model(control)
    assert beside.shape == (1, 100, 2, 4, 4)
    assert torch.equal(beside[:, :48], seen)
    assert torch.equal(beside[:, 52:], seen)
    assert beside[0, 48:52, :, 0, 0].tolist() == [[1.0, 0.0]] * 4


def test_without_anything_beside_all_is_to_be_drawn():
    beside = wan_inputs(request({}, torch.zeros(1, 16, 2, 4, 4), in_channels=52))["concat"]
    assert beside.shape == (1, 36, 2, 4, 4)
    assert not beside.any()


def test_pictures_before_and_behind_a_video_leave_it_as_long_as_it_was():
    latent = torch.randn(2, 16, 3, 5, 4, generator=NUMBERS)
    reference, subjects = torch.randn(2, 1, 16, 2, 5, 4, generator=NUMBERS)
    entry = {"reference_latents": [reference], "time_dim_concat": subjects}
    made = wan_inputs(request(entry, latent, in_channels=20, reference_channels=16))
    assert made["reference"].shape == (1, 16, 1, 5, 4)
    network = Recorder(16)
    output = wan_forward(
        network, Pass(latent, torch.ones(2), {name: part.repeat_interleave(2, 0) for name, part in made.items()})
    )
    assert torch.equal(output, latent)
    assert network.shown.shape == (2, 20, 6, 6, 4)
    assert torch.equal(network.shown[:1, :16, :1, :5], WAN21.latent_format.to_model(reference[:, :, :1]))
    assert torch.equal(network.shown[:1, :16, 4:, :5], WAN21.latent_format.to_model(subjects))
    assert not network.shown[:, 16:, [0, 4, 5]].any()


def test_frames_that_stay_have_time_0_and_those_before_the_video_have_its_time():
    latent = torch.randn(1, 48, 2, 4, 4, generator=NUMBERS)
    free = torch.tensor([0.0, 1.0])[None, None, :, None, None].expand(1, 1, 2, 4, 4)
    inputs = {"context": TEXT, "free": free, "kept": torch.zeros_like(latent), "reference": torch.ones(1, 48, 1, 4, 4)}
    network = Recorder(48)
    wan_forward(network, Pass(latent, torch.tensor([700.0]), inputs))
    assert network.options["timestep"].tolist() == [[700.0] * 4 + [0.0] * 4 + [700.0] * 4]
    assert not network.shown[:, :, 1].any()


def test_a_network_without_a_place_for_a_camera_is_not_shown_one():
    entry = {"camera_conditions": torch.ones(1, 24, 2, 32, 32), "reference_latents": [torch.ones(1, 16, 1, 4, 4)]}
    latent = torch.zeros(1, 16, 2, 4, 4)
    assert wan_inputs(request(entry, latent)).keys() == {"context"}
    rays = wan_inputs(request(entry, latent, rays_channels=24 * 64))["rays"]
    assert rays.shape == (1, 24 * 64, 2, 4, 4)


def test_rays_are_brought_to_the_video_s_size():
    entry = {"camera_conditions": torch.full((1, 24, 3, 64, 48), 0.5)}
    rays = wan_inputs(request(entry, torch.zeros(1, 16, 2, 4, 4), rays_channels=24 * 64))["rays"]
    assert rays.shape == (1, 24 * 64, 2, 4, 4)
    torch.testing.assert_close(rays, torch.full_like(rays, 0.5))


def test_a_character_that_nothing_is_told_of_has_a_black_face():
    latent = torch.zeros(1, 16, 4, 4, 4)
    made = animate_inputs(request({}, latent, motion_encoder_size=8))
    assert made["pose"].shape == (1, 16, 3, 4, 4)
    assert not made["pose"].any()
    assert made["face"].shape == (1, 3, 9, 8, 8)
    assert made["face"].eq(-1).all()


def test_a_face_lasts_as_long_as_the_video():
    face = torch.arange(3.0)[None, None, :, None, None].expand(1, 3, 3, 16, 16)
    made = animate_inputs(request({"face_video_pixels": face}, torch.zeros(1, 16, 4, 4, 4), motion_encoder_size=8))
    assert made["face"][0, 0, :, 0, 0].tolist() == [0, 1, 2, 2, 2, 2, 2, 2, 2]


def test_what_is_seen_is_told_to_networks_that_look():
    seen = SimpleNamespace(penultimate_hidden_states=torch.ones(1, 5, 8))
    latent = torch.zeros(1, 16, 2, 4, 4)
    assert wan_inputs(request({"clip_vision_output": seen}, latent, image_dim=8))["seen"].shape == (1, 5, 8)
    assert "seen" not in wan_inputs(request({"clip_vision_output": seen}, latent))
