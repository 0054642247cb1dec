"""Schedules of single image families."""

import numpy as np
import pytest
import torch
from diffusers import FlowMatchEulerDiscreteScheduler
from diffusers.pipelines.flux2.pipeline_flux2 import compute_empirical_mu

from limner.nodes.image_families import flux2_scheduler


@pytest.mark.parametrize(("width", "height", "steps"), [(1024, 1024, 20), (512, 768, 4), (2048, 1536, 50)])
def test_flux2_scheduler_is_that_of_its_pipeline(width, height, steps):
    scheduler = FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True)
    mu = compute_empirical_mu(width * height // 256, steps)
    scheduler.set_timesteps(sigmas=np.linspace(1.0, 1 / steps, steps), mu=mu)
    torch.testing.assert_close(flux2_scheduler(width=width, height=height, steps=steps), scheduler.sigmas)
