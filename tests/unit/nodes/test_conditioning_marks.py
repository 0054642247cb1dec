"""Marks on conditioning: new entries carry them, old ones stay."""

import torch

from limner.models.adapters.adapter import Adapter
from limner.models.hooks import AdapterWeights, Hook, HookGroup
from limner.nodes.conditioning_marks import (
    conditioning_set_properties_and_combine,
    conditioning_timesteps_range,
    flux_guidance,
    instruct_pix_to_pix_conditioning,
    marked,
    pair_conditioning_set_properties,
    reference_latent,
)


def test_references_add_up(text):
    once = reference_latent(conditioning=text(1.0), latent={"samples": torch.zeros(1, 16, 2, 2)})
    twice = reference_latent(conditioning=once, latent={"samples": torch.ones(1, 16, 4, 4)})
    assert [len(options["reference_latents"]) for _, options in (once[0], twice[0])] == [1, 2]
    plain = text(1.0)
    assert reference_latent(conditioning=plain) is plain
    assert flux_guidance(conditioning=plain, guidance=2.5)[0][1]["guidance"] == 2.5
    assert "guidance" not in plain[0][1]


def test_the_picture_to_edit_is_shown_to_both_sides(text, vae):
    positive, negative, latent = instruct_pix_to_pix_conditioning(
        positive=text(1.0), negative=text(0.0), vae=vae, pixels=torch.rand(1, 16, 24, 4)
    )
    assert torch.equal(positive[0][1]["concat_latent_image"], negative[0][1]["concat_latent_image"])
    assert latent["samples"].shape == (1, 4, 2, 3)
    assert latent["samples"].count_nonzero() == 0


def test_ranges_meet():
    assert conditioning_timesteps_range(start_percent=0.2, end_percent=0.7) == ((0.2, 0.7), (0.0, 0.2), (0.7, 1.0))


def test_strength_place_and_time(text):
    mask = torch.ones(8, 8)
    both = conditioning_set_properties_and_combine(
        cond=text(0.0),
        cond_NEW=text(1.0),
        strength=0.5,
        set_cond_area="mask bounds",
        mask=mask,
        timesteps=(0.1, 0.9),
    )
    options = both[1][1]
    assert options["mask"].shape == (1, 8, 8)
    assert (options["mask_strength"], options["set_area_to_bounds"]) == (0.5, True)
    assert (options["start_percent"], options["end_percent"]) == (0.1, 0.9)
    positive, negative = pair_conditioning_set_properties(
        positive_NEW=text(1.0), negative_NEW=text(0.0), strength=2.0, set_cond_area="default"
    )
    assert positive[0][1]["strength"] == negative[0][1]["strength"] == 2.0
    first, second = HookGroup(), HookGroup((Hook(AdapterWeights(Adapter("style", "style", {}))),))
    under = marked(marked(text(1.0), 1.0, "default", None, first, None), 1.0, "default", None, second, None)
    assert len(under[0][1]["hooks"].hooks) == 1
