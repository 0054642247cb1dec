"""Where reference pictures stand beside the picture that is made."""

import torch

from limner.models.family import InputRequest
from limner.models.parts.references import reference_corners, reference_inputs
from limner.sampling.denoiser import LatentFormat

OWN = (4, 4)


def test_each_has_a_number_of_its_own():
    assert reference_corners("index", OWN, [(2, 2), (3, 3)]) == [(1, 0, 0), (2, 0, 0)]


def test_they_follow_on_the_diagonal():
    assert reference_corners("uxo", OWN, [(2, 3), (3, 3)]) == [(0, 4, 4), (0, 6, 7)]


def test_they_lie_side_by_side_near_a_square():
    assert reference_corners("offset", OWN, [(4, 4)]) == [(1, 0, 0)]
    assert reference_corners("offset", OWN, [(4, 2), (2, 6)]) == [(1, 0, 0), (1, 4, 0)]
    assert reference_corners("offset", OWN, [(6, 2), (6, 2)]) == [(1, 0, 0), (1, 0, 2)]


def test_tokens_and_places_go_together():
    entry = {"reference_latents": [torch.ones(1, 16, 4, 6), torch.ones(2, 16, 1, 3, 3)]}
    request = InputRequest(entry, torch.zeros(1, 1, 1), torch.zeros(1, 16, 8, 8), LatentFormat(16, scale=2.0))
    found = reference_inputs(request)
    assert found["reference"].shape == (1, 6 + 4, 64)
    assert found["reference_places"].shape == (1, 6 + 4, 3)
    assert torch.all(found["reference"] == 2.0)
    assert reference_inputs(InputRequest({}, torch.zeros(1, 1, 1), torch.zeros(1, 16, 8, 8), LatentFormat(16))) == {}
