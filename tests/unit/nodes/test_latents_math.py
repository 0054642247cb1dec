"""Arithmetic on latents."""

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.nodes.latents_math import (
    latent_add,
    latent_apply_operation,
    latent_concat,
    latent_cut,
    latent_interpolate,
    latent_multiply,
    latent_operation_sharpen,
    latent_operation_tonemap_reinhard,
    latent_subtract,
)

DRAW = torch.Generator().manual_seed(5)
ONE, OTHER = ({"samples": torch.randn(2, 4, 8, 12, generator=DRAW)} for _ in range(2))


def test_sums():
    total = latent_add(samples1=ONE, samples2=OTHER)
    back = latent_subtract(samples1=total, samples2=OTHER)
    torch.testing.assert_close(back["samples"], ONE["samples"])
    torch.testing.assert_close(latent_multiply(samples=ONE, multiplier=-2.0)["samples"], -2 * ONE["samples"])


def test_the_second_latent_gets_the_size_and_batch_of_the_first():
    single = {"samples": torch.ones(1, 4, 3, 5)}
    total = latent_add(samples1={**ONE, "noise_mask": 1}, samples2=single)
    torch.testing.assert_close(total["samples"], ONE["samples"] + 1)
    assert total["noise_mask"] == 1
    with pytest.raises(NumericsError, match="channels"):
        latent_add(samples1=ONE, samples2={"samples": torch.ones(1, 16, 8, 12)})


def test_interpolation_keeps_length():
    ends = [latent_interpolate(samples1=ONE, samples2=OTHER, ratio=ratio)["samples"] for ratio in (1.0, 0.0)]
    torch.testing.assert_close(ends[0], ONE["samples"])
    torch.testing.assert_close(ends[1], OTHER["samples"])
    middle = latent_interpolate(samples1=ONE, samples2=OTHER, ratio=0.5)["samples"].norm(dim=1)
    torch.testing.assert_close(middle, (ONE["samples"].norm(dim=1) + OTHER["samples"].norm(dim=1)) / 2)
    empty = {"samples": torch.zeros(2, 4, 8, 12)}
    assert latent_interpolate(samples1=empty, samples2=empty, ratio=0.5)["samples"].count_nonzero() == 0


def test_joined_and_cut_again():
    wide = latent_concat(samples1=ONE, samples2=OTHER, dim="-x")
    assert wide["samples"].shape == (2, 4, 8, 24)
    assert torch.equal(latent_cut(samples=wide, dim="x", index=0, amount=12)["samples"], OTHER["samples"])
    assert torch.equal(latent_cut(samples=wide, dim="x", index=-12, amount=99)["samples"], ONE["samples"])
    assert latent_cut(samples=ONE, dim="y", index=99, amount=3)["samples"].shape[2] == 1
    video = {"samples": torch.zeros(1, 4, 3, 2, 2)}
    assert latent_concat(samples1=video, samples2=video, dim="t")["samples"].shape[2] == 6


def test_what_does_not_fit_is_refused():
    with pytest.raises(NumericsError, match="no time"):
        latent_cut(samples=ONE, dim="t")
    with pytest.raises(NumericsError, match="must be equal"):
        latent_concat(samples1=ONE, samples2={"samples": torch.zeros(2, 4, 9, 12)}, dim="x")
    with pytest.raises(NumericsError, match="does not fit"):
        latent_apply_operation(samples=ONE, operation=latent_operation_sharpen(sharpen_radius=9))


def test_operations_keep_directions():
    toned = latent_apply_operation(samples=ONE, operation=latent_operation_tonemap_reinhard())["samples"]
    cosine = torch.nn.functional.cosine_similarity(toned, ONE["samples"], dim=1)
    torch.testing.assert_close(cosine, torch.ones_like(cosine), atol=1e-4, rtol=0)
    assert bool((toned.norm(dim=1) < ONE["samples"].norm(dim=1)).all())


def test_sharpening_leaves_flat_latents():
    flat = {"samples": torch.ones(1, 4, 8, 8)}
    sharp = latent_apply_operation(samples=flat, operation=latent_operation_sharpen(sharpen_radius=2, alpha=1.0))
    torch.testing.assert_close(sharp["samples"], flat["samples"], atol=1e-4, rtol=0)
