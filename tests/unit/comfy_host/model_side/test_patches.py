"""What packs set on a model counts in our nodes: weights, options, attention, wrappers, noise levels."""

import comfy.model_sampling
import comfy.patcher_extension
import comfy.samplers
import comfy.sd
import pytest
import torch

from limner.models.adapters.adapter import Adapter
from limner.models.adapters.lora import LowRank
from limner.nodes.sampling import ksampler

LAYER = "lora_unet_input_blocks_3_1_transformer_blocks_0_attn2_to_k"


def sampled(studio, model, cfg=4.0, steps=2):
    return ksampler(
        model=model,
        seed=3,
        steps=steps,
        cfg=cfg,
        sampler_name="euler",
        scheduler="normal",
        positive=studio.positive,
        negative=studio.negative,
        latent_image=studio.empty(),
        **studio.services,
    )["samples"]


@pytest.fixture
def native(studio):
    """Back to ours, as after a pack's function returned."""
    return studio.bridge.to_native


def test_an_untouched_model_comes_back_as_it_was(studio, native):
    model = studio.checkpoint.model
    back = native(studio.wrapped().clone())
    assert back.network.key == model.network.key
    assert not back.options
    assert back.parametrization == model.parametrization


def lora(network):
    """(file tensors, adapter) of one layer, named as kohya does."""
    target = network.blueprint.aliases[LAYER]
    with network.lease() as module:
        shape = module.get_parameter(target).shape
    generator = torch.Generator().manual_seed(0)
    up, down = (torch.randn(side, generator=generator) * 0.5 for side in ((shape[0], 4), (4, shape[1])))
    tensors = {f"{LAYER}.lora_up.weight": up, f"{LAYER}.lora_down.weight": down, f"{LAYER}.alpha": torch.tensor(2.0)}
    return tensors, Adapter("tiny", "tiny", {LAYER: LowRank(up, down, alpha=2.0)})


def test_patches_of_weights_equal_our_adapter(studio, native):
    tensors, adapter = lora(studio.checkpoint.model.network)
    changed, _ = comfy.sd.load_lora_for_models(studio.wrapped(), None, tensors, 0.7, 0.7)
    ours = sampled(studio, studio.checkpoint.model.with_adapter(adapter, 0.7))
    assert torch.equal(sampled(studio, native(changed)), ours)
    assert not torch.equal(ours, sampled(studio, studio.checkpoint.model))


def test_a_merge_of_a_model_with_itself_changes_nothing(studio, native):
    model = studio.wrapped()
    merged = model.clone()
    patches = studio.wrapped().get_key_patches("diffusion_model.out")
    assert sorted(merged.add_patches(patches, 0.5, 0.5)) == sorted(patches)
    assert torch.allclose(sampled(studio, native(merged)), sampled(studio, studio.checkpoint.model), atol=1e-4)


def test_weights_are_named_as_in_checkpoints(studio):
    names = studio.wrapped().model_state_dict()
    assert "diffusion_model.input_blocks.0.0.weight" in names
    assert len(names) == len(studio.checkpoint.model.network.blueprint.keys)


def test_guidance_functions_get_what_they_expect(studio, native):
    seen = {}

    def instead(args):
        seen["cfg"] = args
        return args["uncond"] + (args["cond"] - args["uncond"]) * args["cond_scale"]

    def before(args):
        seen["pre"] = args
        return args["conds_out"]

    def after(args):
        seen["post"] = args
        return args["denoised"]

    model = studio.wrapped().clone()
    model.set_model_sampler_cfg_function(instead)
    model.set_model_sampler_pre_cfg_function(before)
    model.set_model_sampler_post_cfg_function(after)
    made = sampled(studio, native(model))
    assert torch.allclose(made, sampled(studio, studio.checkpoint.model), atol=1e-4)
    shared = {"input", "sigma", "model", "model_options"}
    assert shared | {"cond", "uncond", "cond_scale", "timestep", "cond_denoised", "uncond_denoised"} <= set(seen["cfg"])
    assert shared | {"conds", "conds_out", "cond_scale", "timestep"} <= set(seen["pre"])
    assert shared | {"denoised", "cond", "uncond", "cond_denoised", "uncond_denoised"} <= set(seen["post"])
    assert seen["pre"]["model"].model_sampling.sigma_max > 14
    assert seen["post"]["cond"][0]["model_conds"]["c_crossattn"].cond.shape[1] == 77


def test_an_optimisation_can_be_switched_off(studio, native):
    counts = []
    model = studio.wrapped().clone()
    model.set_model_sampler_post_cfg_function(
        lambda args: counts.append(float(args["uncond_denoised"].abs().sum())) or args["denoised"],
        disable_cfg1_optimization=True,
    )
    sampled(studio, native(model), cfg=1.0)
    assert all(counts)


def test_a_wrapper_around_the_network_sees_both_sides(studio, native):
    seen = []

    def wrapper(apply_model, args):
        seen.append((tuple(args["input"].shape), args["cond_or_uncond"], sorted(args["c"])))
        return apply_model(args["input"], args["timestep"], **args["c"])

    model = studio.wrapped().clone()
    model.set_model_unet_function_wrapper(wrapper)
    made = sampled(studio, native(model))
    assert torch.allclose(made, sampled(studio, studio.checkpoint.model), atol=1e-4)
    assert seen == [((2, 4, 8, 8), [0, 1], ["c_crossattn", "transformer_options"])] * 2


def test_attention_can_be_replaced(studio, native):
    seen = []

    def plain(q, k, v, extra_options):
        seen.append((extra_options["block"], extra_options["block_index"], extra_options["cond_or_uncond"]))
        from comfy.ldm.modules.attention import optimized_attention

        return optimized_attention(q, k, v, extra_options["n_heads"])

    def nothing(q, k, v, extra_options):
        return torch.zeros_like(q)

    model = studio.wrapped().clone()
    model.set_model_attn2_replace(plain, "middle", 0)
    expected = sampled(studio, studio.checkpoint.model)
    assert torch.allclose(sampled(studio, native(model)), expected, atol=1e-4)
    assert seen == [(("middle", 0), 0, [0, 1])] * 2
    blind = studio.wrapped().clone()
    blind.set_model_attn2_replace(nothing, "middle", 0, 0)
    assert not torch.allclose(sampled(studio, native(blind)), expected, atol=1e-2)


def test_blocks_and_inputs_of_attention_can_be_changed(studio, native):
    blocks = {"input": set(), "output": set(), "emb": 0, "attn1": 0}

    def at_input(h, options):
        blocks["input"].add(options["block"])
        return h

    def at_output(h, skip, options):
        blocks["output"].add(options["block"])
        return h, skip

    def embedding(emb, channels, options):
        blocks["emb"] += 1
        return emb

    def attention(q, k, v, options):
        blocks["attn1"] += options["n_heads"]
        return q, k, v

    model = studio.wrapped().clone()
    model.set_model_input_block_patch(at_input)
    model.set_model_output_block_patch(at_output)
    model.set_model_emb_patch(embedding)
    model.set_model_attn1_patch(attention)
    assert torch.allclose(sampled(studio, native(model)), sampled(studio, studio.checkpoint.model), atol=1e-4)
    assert blocks["input"] == {("input", n) for n in range(6)}
    assert blocks["output"] == {("output", n) for n in range(6)}
    assert blocks["emb"] == 2
    assert blocks["attn1"]


def test_every_kind_of_wrapper_is_heard(studio, native):
    kinds = comfy.patcher_extension.WrappersMP
    heard = []

    def wrapping(kind):
        def wrapper(executor, *args, **kwargs):
            heard.append(kind)
            return executor(*args, **kwargs)

        return wrapper

    model = studio.wrapped().clone()
    every = [value for name, value in vars(kinds).items() if name.isupper()]
    for kind in every:
        model.add_wrapper_with_key(kind, "a pack", wrapping(kind))
    model.add_callback(comfy.patcher_extension.CallbacksMP.ON_PRE_RUN, lambda patcher: heard.append("pre"))
    made = sampled(studio, native(model))
    assert torch.allclose(made, sampled(studio, studio.checkpoint.model), atol=1e-4)
    assert set(heard) == {*every, "pre"}
    assert heard.count(kinds.OUTER_SAMPLE) == 1
    assert heard.count(kinds.PREDICT_NOISE) == 2


def test_what_was_set_is_there_for_the_next_pack(studio, native):
    model = studio.wrapped().clone()
    model.set_model_sampler_post_cfg_function(lambda args: args["denoised"])
    model.add_wrapper_with_key("outer_sample", "a pack", lambda executor, *args: executor(*args))
    model.set_attachments("note", 5)
    again = studio.bridge.to_host(native(model))
    assert len(again.model_options["sampler_post_cfg_function"]) == 1
    assert len(again.get_wrappers("outer_sample", "a pack")) == 1
    assert again.get_attachment("note") == 5
    assert "sampler_post_cfg_function" not in studio.wrapped().model_options


def test_clones_do_not_share_what_is_set(studio):
    model = studio.wrapped()
    other = model.clone()
    other.model_options["transformer_options"]["mine"] = 1
    other.set_model_patch(lambda *_: None, "attn1_patch")
    assert "mine" not in model.model_options["transformer_options"]
    assert "patches" not in model.model_options["transformer_options"]
    assert model.is_clone(other)


def test_noise_levels_of_a_packs_own(studio, native):
    class Levels(comfy.model_sampling.ModelSamplingDiscrete, comfy.model_sampling.EPS):
        pass

    model = studio.wrapped().clone()
    levels = Levels(model.model.model_config)
    model.add_object_patch("model_sampling", levels)
    assert model.get_model_object("model_sampling") is levels
    assert torch.allclose(sampled(studio, native(model)), sampled(studio, studio.checkpoint.model), atol=1e-3)
    levels.set_sigmas(levels.sigmas / 2)
    assert native(model).parametrization.sigma_max == pytest.approx(14.6146 / 2, rel=1e-4)


def test_masks_can_be_softened(studio, native):
    seen = []
    model = studio.wrapped().clone()
    model.set_model_denoise_mask_function(lambda sigma, mask, extra_options: seen.append(float(sigma[0])) or mask)
    latent = {**studio.empty(), "noise_mask": torch.ones(1, 64, 64)}
    ksampler(
        model=native(model),
        seed=3,
        steps=2,
        cfg=1.0,
        sampler_name="euler",
        scheduler="normal",
        positive=studio.positive,
        negative=studio.negative,
        latent_image=latent,
        **studio.services,
    )
    assert len(seen) == 2


def test_controls_of_packs_add_to_blocks(studio):
    import comfy.controlnet

    class Shift(comfy.controlnet.ControlBase):
        def get_control(self, x_noisy, t, cond, batched_number, transformer_options=None):
            return self.control_merge({"middle": [torch.full((1, 1, 1, 1), 3.0)]}, None, x_noisy.dtype)

    control = Shift().set_cond_hint(torch.zeros(1, 3, 64, 64), 0.5)
    told = [[text, {**options, "control": control}] for text, options in studio.positive]
    plain = sampled(studio, studio.checkpoint.model, cfg=1.0)
    model = studio.wrapped()
    guided = comfy.samplers.CFGGuider(model)
    guided.set_conds(told, studio.negative)
    noise = torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(3))
    sigmas = comfy.samplers.calculate_sigmas(model.get_model_object("model_sampling"), "normal", 2)
    made = guided.sample(noise, torch.zeros_like(noise), comfy.samplers.sampler_object("euler"), sigmas, seed=3)
    assert not torch.allclose(made, plain, atol=1e-2)


def test_parts_inside_the_network_cannot_be_replaced(studio):
    from limner.graph.errors import NumericsError

    with pytest.raises(NumericsError, match="add_object_patch"):
        studio.wrapped().add_object_patch("diffusion_model.input_blocks.0.0.forward", print)


def test_our_nodes_go_on_with_what_packs_set(studio, native):
    """After a pack: an adapter and another reading of the output, put on by nodes of ours."""
    from limner.sampling.parametrization import VelocityParametrization

    model = studio.wrapped().clone()
    model.set_model_sampler_post_cfg_function(lambda args: args["denoised"])
    _, adapter = lora(studio.checkpoint.model.network)

    def further(given):
        return given.with_adapter(adapter, 0.7).with_parametrization(VelocityParametrization())

    changed = sampled(studio, further(native(model)))
    assert torch.allclose(changed, sampled(studio, further(studio.checkpoint.model)), atol=1e-4)
    assert not torch.allclose(changed, sampled(studio, native(model)), atol=1e-2)
    assert len(studio.bridge.to_host(further(native(model))).model_options["sampler_post_cfg_function"]) == 1


@pytest.mark.parametrize("name", ["rescale_cfg", "cfg_zero_star", "mahiro", "tcfg", "apg", "fresca"])
def test_our_guidance_counts_where_a_pack_samples(studio, native, name):
    from limner.nodes import guidance

    changed = getattr(guidance, name).function(model=studio.checkpoint.model)
    passed = studio.bridge.to_host(changed).clone()
    passed.set_model_attn1_patch(lambda q, k, v, extra: (q, k, v))
    assert torch.allclose(sampled(studio, native(passed)), sampled(studio, changed), atol=1e-3)


def test_replaced_functions_are_heard_by_our_nodes(studio, native, monkeypatch):
    heard = []
    original = comfy.samplers.sampling_function

    def instead(*arguments, **named):
        heard.append(1)
        return original(*arguments, **named)

    assert "procedure" not in native(studio.wrapped()).options
    monkeypatch.setattr(comfy.samplers, "sampling_function", instead)
    sampled(studio, native(studio.wrapped()))
    assert heard == [1, 1]
