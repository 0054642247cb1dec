"""Mathematics of denoising: samplers, schedules, guiders, parametrizations, noise, the denoising loop."""
