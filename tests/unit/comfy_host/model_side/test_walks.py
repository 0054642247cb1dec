"""Sampling that packs drive gives the same numbers as ours, bit for bit, and hears what packs put in."""

import comfy.sample
import comfy.samplers
import latent_preview
import pytest
import torch
from comfy.k_diffusion import sampling as k_diffusion

from limner.graph.errors import InterruptedRun
from limner.nodes.sampling import ksampler
from limner.nodes.sampling_parts import sampler_custom, sampler_custom_advanced

STEPS, CFG, SEED = 3, 4.0, 11


def ours(studio, model=None, sampler="euler", latent=None, denoise=1.0, cfg=CFG):
    return ksampler(
        model=model or studio.checkpoint.model,
        seed=SEED,
        steps=STEPS,
        cfg=cfg,
        sampler_name=sampler,
        scheduler="normal",
        positive=studio.positive,
        negative=studio.negative,
        latent_image=latent or studio.empty(),
        denoise=denoise,
        **studio.services,
    )["samples"]


def theirs(studio, model=None, sampler="euler", latent=None, denoise=1.0, cfg=CFG, callback=None):
    latent = latent or studio.empty()
    noise = comfy.sample.prepare_noise(latent["samples"], SEED, latent.get("batch_index"))
    return comfy.sample.sample(
        model or studio.wrapped(),
        noise,
        STEPS,
        cfg,
        sampler,
        "normal",
        studio.positive,
        studio.negative,
        latent["samples"],
        denoise=denoise,
        noise_mask=latent.get("noise_mask"),
        seed=SEED,
        callback=callback,
    )


@pytest.mark.parametrize("sampler", ["euler", "euler_ancestral", "dpmpp_2m_sde", "uni_pc", "ddim", "heun"])
def test_sample_equals_the_node(studio, sampler):
    assert torch.equal(theirs(studio, sampler=sampler), ours(studio, sampler=sampler))


def test_a_masked_share_of_a_batch_too(studio):
    latent = {"samples": torch.randn(2, 4, 8, 8), "noise_mask": torch.rand(1, 64, 64), "batch_index": [3, 3]}
    for sampler in ("euler", "ddim"):
        made = theirs(studio, latent=latent, denoise=0.6, sampler=sampler)
        assert torch.equal(made, ours(studio, latent=latent, denoise=0.6, sampler=sampler))


def test_without_guidance(studio):
    assert torch.equal(theirs(studio, cfg=1.0), ours(studio, cfg=1.0))


def test_steps_are_told_with_previews(studio):
    studio.progress.preview_size = 64
    theirs(studio, callback=latent_preview.prepare_callback(studio.wrapped(), STEPS))
    assert [(value, total) for value, total, _ in studio.progress.reports] == [(1, 3), (2, 3), (3, 3)]
    assert all(preview.image.startswith(b"\xff\xd8") for _, _, preview in studio.progress.reports)


def test_a_walk_stops_when_asked(studio):
    studio.progress.stopped = True
    with pytest.raises(InterruptedRun):
        theirs(studio)


def pack_euler(model, x, sigmas, extra_args=None, callback=None, disable=None, factor=1.0):
    """Euler's method as a pack would write it."""
    extra_args = {} if extra_args is None else extra_args
    s_in = x.new_ones([x.shape[0]])
    for i in range(len(sigmas) - 1):
        denoised = model(x, sigmas[i] * s_in, **extra_args)
        if callback is not None:
            callback({"x": x, "i": i, "sigma": sigmas[i], "sigma_hat": sigmas[i], "denoised": denoised})
        x = x + k_diffusion.to_d(x, sigmas[i], denoised) * (sigmas[i + 1] - sigmas[i]) * factor
    return x


def custom(studio, sampler, model=None, cfg=CFG):
    levels = studio.registry.schedule("normal")(studio.checkpoint.model.parametrization, STEPS)
    return sampler_custom(
        model=model or studio.checkpoint.model,
        noise_seed=SEED,
        cfg=cfg,
        positive=studio.positive,
        negative=studio.negative,
        sampler=sampler,
        sigmas=levels,
        latent_image=studio.empty(),
        loop=studio.loop,
        progress=studio.progress,
    )


def test_a_packs_sampler_works_in_our_node(studio):
    sampler = studio.bridge.to_native(comfy.samplers.KSAMPLER(pack_euler))
    output, denoised = custom(studio, sampler)
    assert torch.allclose(output["samples"], ours(studio), atol=1e-4)
    assert torch.allclose(denoised["samples"], output["samples"], atol=1e-3)
    assert [report[0] for report in studio.progress.reports[:3]] == [1, 2, 3]


def test_options_reach_a_packs_sampler(studio):
    half = comfy.samplers.KSAMPLER(pack_euler, {"factor": 0.5})
    plain = comfy.samplers.KSAMPLER(pack_euler)
    made = [custom(studio, studio.bridge.to_native(sampler))[0]["samples"] for sampler in (half, plain)]
    assert not torch.allclose(*made)


def test_our_sampler_stays_ours_through_a_packs_hands(studio):
    native = studio.registry.sampler("euler")
    held = studio.bridge.to_host(native)
    assert isinstance(held, comfy.samplers.KSAMPLER)
    assert studio.bridge.to_native(held) is native
    assert studio.bridge.to_native(comfy.samplers.sampler_object("euler_ancestral")).name == "euler_ancestral"


class Halved(comfy.samplers.CFGGuider):
    """A pack's guider: the middle between both predictions."""

    def predict_noise(self, x, timestep, model_options=None, seed=None):
        conds = [self.conds["positive"], self.conds["negative"]]
        first, second = comfy.samplers.calc_cond_batch(self.inner_model, conds, x, timestep, model_options)
        return (first + second) / 2


def test_a_packs_guider_works_in_our_node(studio):
    guider = Halved(studio.wrapped())
    guider.set_conds(studio.positive, studio.negative)
    levels = studio.registry.schedule("normal")(studio.checkpoint.model.parametrization, STEPS)
    from limner.nodes.sampling import SeededNoise

    output, _ = sampler_custom_advanced(
        noise=SeededNoise(SEED),
        guider=studio.bridge.to_native(guider),
        sampler=studio.registry.sampler("euler"),
        sigmas=levels,
        latent_image=studio.empty(),
        loop=studio.loop,
        progress=studio.progress,
    )
    assert torch.allclose(output["samples"], ours(studio, cfg=0.5), atol=1e-4)


def test_a_function_of_ours_runs_on_any_callable():
    x = torch.randn(1, 4, 8, 8)
    sigmas = torch.tensor([3.0, 1.0, 0.0])
    steps = []
    made = k_diffusion.sample_euler(
        lambda x, sigma, **_: x * 0.5, x, sigmas, callback=lambda told: steps.append(told["i"])
    )
    assert torch.equal(made, pack_euler(lambda x, sigma: x * 0.5, x, sigmas))
    assert steps == [0, 1]


def test_schedulers_of_packs_are_found():
    handler = comfy.samplers.SchedulerHandler(
        lambda n, sigma_min, sigma_max: torch.linspace(sigma_max, 0, n + 1), False
    )
    comfy.samplers.SCHEDULER_HANDLERS["flat"] = handler
    try:
        from comfy_host.readings import model_sampling_of
        from limner.sampling.parametrization import EpsParametrization

        levels = comfy.samplers.calculate_sigmas(model_sampling_of(EpsParametrization()), "flat", 4)
        assert len(levels) == 5
        assert levels[-1] == 0
    finally:
        del comfy.samplers.SCHEDULER_HANDLERS["flat"]


def test_guiders_without_a_counterpart_keep_their_way(studio):
    from limner.nodes.guiders import perp_neg_guider
    from limner.nodes.sampling import SeededNoise

    model = studio.wrapped().clone()
    model.set_model_sampler_post_cfg_function(lambda args: args["denoised"])
    levels = studio.registry.schedule("normal")(studio.checkpoint.model.parametrization, STEPS)
    empty = studio.checkpoint.clip.encode("")

    def made(model):
        guided = perp_neg_guider(
            model=model, positive=studio.positive, negative=studio.negative, empty_conditioning=empty, cfg=3.0
        )
        kept = studio.bridge.to_native(studio.bridge.to_host(guided))
        assert kept.guider is guided.guider
        return sampler_custom_advanced(
            noise=SeededNoise(SEED),
            guider=guided,
            sampler=studio.registry.sampler("euler"),
            sigmas=levels,
            latent_image=studio.empty(),
            loop=studio.loop,
            progress=studio.progress,
        )[0]["samples"]

    assert torch.equal(made(studio.bridge.to_native(model)), made(studio.checkpoint.model))


def test_a_control_in_a_conditioning_is_heard_by_our_node(studio):
    import comfy.controlnet

    asked = []

    class Nothing(comfy.controlnet.ControlBase):
        def get_control(self, x_noisy, t, cond, batched_number, transformer_options=None):
            asked.append(batched_number)

    told = [[text, {**options, "control": Nothing()}] for text, options in studio.positive]
    plain = ours(studio)
    studio.positive = told
    # The network is walked block by block then: the same sums in another order, of latents up to 7.
    assert torch.allclose(ours(studio), plain, rtol=1e-4, atol=1e-3)
    assert asked == [1] * STEPS


def test_samplers_that_ask_for_the_negative_prediction(studio):
    names = [name for name, sampler in studio.registry.samplers.items() if sampler.needs_negative]
    for name in names[:2]:
        assert torch.equal(theirs(studio, sampler=name), ours(studio, sampler=name))


def test_samplers_and_schedulers_of_packs_join_our_lists(studio, monkeypatch):
    from comfy_host.pack_samplers import with_pack_samplers

    monkeypatch.setattr(comfy.samplers.KSampler, "SAMPLERS", [*comfy.samplers.KSampler.SAMPLERS, "packed"])
    monkeypatch.setattr(k_diffusion, "sample_packed", pack_euler, raising=False)
    handler = comfy.samplers.SchedulerHandler(lambda levels, steps: torch.linspace(10, 0, steps + 1))
    monkeypatch.setitem(comfy.samplers.SCHEDULER_HANDLERS, "straight", handler)
    registry = with_pack_samplers(studio.registry)
    assert registry.samplers.keys() - studio.registry.samplers.keys() == {"packed"}
    levels = registry.schedule("straight")(studio.checkpoint.model.parametrization, 4)
    assert levels.tolist() == [10.0, 7.5, 5.0, 2.5, 0.0]
    studio.registry = registry
    assert torch.allclose(ours(studio, sampler="packed"), ours(studio), atol=1e-4)


def test_steps_of_an_evaluation(studio):
    """A pack that puts an evaluation together itself gets what ``calc_cond_batch`` gives."""
    model = studio.wrapped().prepared()
    x, sigma = torch.randn(1, 4, 8, 8), torch.tensor([5.0])
    areas = [[text, {**options, "area": (4, 8, 4, 0), "strength": 0.5}] for text, options in studio.positive]
    conds = comfy.samplers.process_conds(model, x, {"positive": [*studio.positive, *areas]}, x.device)["positive"]
    comfy.samplers.resolve_areas_and_cond_masks_multidim(conds, x.shape[2:], x.device)
    total, weights = torch.zeros_like(x), torch.zeros_like(x)
    for entry in conds:
        part = comfy.samplers.get_area_and_mult(entry, x, sigma)
        inputs = comfy.samplers.cond_cat([part.conditioning])
        x0 = model.apply_model(part.input_x, sigma, **inputs)
        top, left = (part.area or (8, 8, 0, 0))[2:]
        window = (..., slice(top, top + x0.shape[2]), slice(left, left + x0.shape[3]))
        total[window] += x0 * part.mult
        weights[window] += part.mult
    expected = comfy.samplers.calc_cond_batch(model, [conds], x, sigma, {})[0]
    assert torch.allclose(total / weights, expected, atol=1e-4)


def test_an_entry_counts_between_its_sigmas(studio):
    model = studio.wrapped().prepared()
    conds = [{**entry, "start_percent": 0.5} for entry in comfy.samplers.sampler_helpers.convert_cond(studio.positive)]
    comfy.samplers.calculate_start_end_timesteps(model, conds)
    x = torch.randn(1, 4, 8, 8)
    assert comfy.samplers.get_area_and_mult(conds[0], x, torch.tensor([14.0])) is None
    assert comfy.samplers.get_area_and_mult(conds[0], x, torch.tensor([0.5])) is not None
    assert not comfy.samplers.calc_cond_batch(model, [conds], x, torch.tensor([14.0]), {})[0].any()
