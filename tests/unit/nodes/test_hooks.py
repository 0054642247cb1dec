"""Adapters that come with a text: for its predictions only, by keyframes, on text encoders, from other checkpoints."""

import pytest
import torch
from safetensors.torch import save_file

from limner.models.hooks import HOOKS, Hook, HookGroup, Keyframe
from limner.models.library import ModelLibrary
from limner.nodes.conditioning_marks import conditioning_set_properties
from limner.nodes.hooks import (
    EASES,
    combine_hooks_2,
    combine_hooks_4,
    combine_hooks_8,
    conditioning_set_default_combine,
    create_hook_keyframe,
    create_hook_keyframes_from_floats,
    create_hook_keyframes_interpolated,
    create_hook_lora,
    create_hook_lora_model_only,
    create_hook_model_as_lora,
    create_hook_model_as_lora_model_only,
    pair_conditioning_set_default_combine,
    set_clip_hooks,
    set_hook_keyframes,
)
from limner.sampling.guidance import Guidance
from limner.sampling.guiders.cfg import CfgGuider
from limner.storage.builtin import builtin_models
from limner.storage.folders import Folders

NAME = "limner-mini.safetensors"
QUERY = "mid_block.attentions.0.transformer_blocks.0.attn1.to_q"
TEXT = "text_model.encoder.layers.0.mlp.fc1"


@pytest.fixture
def library(tmp_path):
    folders = Folders.under(tmp_path, builtin=builtin_models())
    folders.create()
    found = ModelLibrary(folders)
    checkpoint = found.checkpoint(NAME)
    generator = torch.Generator().manual_seed(1)
    with checkpoint.model.network.lease() as unet, checkpoint.clip.branches[0].network.lease() as text:
        sizes = {f"unet.{QUERY}": unet.get_submodule(QUERY).weight.shape}
        sizes[f"text_encoder.{TEXT}"] = text.get_submodule(TEXT.replace("text_model", "text")).weight.shape
    tensors = {}
    for module, (rows, columns) in sizes.items():
        tensors[f"{module}.lora_A.weight"] = torch.randn(2, columns, generator=generator)
        tensors[f"{module}.lora_B.weight"] = torch.randn(rows, 2, generator=generator)
    path = tmp_path / "models" / "loras" / "style.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path)
    return found


@pytest.fixture
def mini(library):
    return library.checkpoint(NAME)


def hook(library, **strengths):
    return create_hook_lora(lora_name="style.safetensors", library=library, **strengths)


def questions(model, positive, negative, sigma):
    """The networks that answer for each entry of both texts."""
    x = torch.zeros(1, 4, 8, 8)
    return [call.denoiser for call in Guidance(model, CfgGuider(positive, negative, 3.0), x).question(x, sigma).calls]


def sigma_at(model, share):
    return model.parametrization.percent_to_sigma(share)


def test_only_the_text_under_the_hook_is_answered_by_the_changed_network(library, mini):
    text = mini.clip.encode("a red apple")
    marked = conditioning_set_properties(cond_NEW=text, set_cond_area="default", hooks=hook(library))
    with_hook, without = questions(mini.model, marked, text, 5.0)
    assert without.key == mini.model.key
    adapted = mini.model.with_adapter(library.adapter("style.safetensors"), 1.0)
    assert with_hook.key == adapted.key
    assert questions(mini.model, text, marked, 5.0)[1].network is not mini.model.network


def test_keyframes_change_the_strength_during_the_walk(library, mini):
    frames = create_hook_keyframe(strength_mult=0.0, start_percent=0.0)
    frames = create_hook_keyframe(strength_mult=0.5, start_percent=0.5, prev_hook_kf=frames)
    group = set_hook_keyframes(hooks=hook(library, strength_model=2.0), hook_kf=frames)
    text = [[tensor, {**told, HOOKS: group}] for tensor, told in mini.clip.encode("a red apple")]
    early = mini.model.for_entry(text[0][1], sigma_at(mini.model, 0.2))
    late = mini.model.for_entry(text[0][1], sigma_at(mini.model, 0.8))
    assert early is mini.model
    assert [attached.strength for attached in late.network.attached] == [1.0]
    again = mini.model.for_entry(text[0][1], sigma_at(mini.model, 0.9))
    assert again.network is late.network


def test_a_first_keyframe_counts_before_its_moment():
    late = Hook(None, keyframes=(Keyframe(0.25, 0.5),))
    assert late.factor_after(0.1) == 0.25
    assert Hook(None).factor_after(0.1) == 1.0


def test_interpolated_keyframes_and_those_of_numbers():
    linear = create_hook_keyframes_interpolated(
        strength_start=0.0, strength_end=2.0, interpolation="linear", start_percent=0.2, end_percent=0.6
    )
    assert [frame.strength for frame in linear] == [0.0, 0.5, 1.0, 1.5, 2.0]
    assert [round(frame.start, 6) for frame in linear] == [0.2, 0.3, 0.4, 0.5, 0.6]
    given = create_hook_keyframes_from_floats(floats_strength=[1.0, 0.0], prev_hook_kf=linear)
    assert [frame.start for frame in given] == sorted(frame.start for frame in given)
    assert len(given) == 7
    assert create_hook_keyframes_from_floats(floats_strength=0.5, start_percent=0.3) == (Keyframe(0.5, 0.3),)
    for ease in EASES.values():
        assert (ease(0.0), ease(1.0)) == (0.0, 1.0)


def test_groups_are_joined_without_repeating_a_hook(library):
    one, other = hook(library), create_hook_lora_model_only(lora_name="style.safetensors", library=library)
    both = combine_hooks_2(hooks_A=one, hooks_B=other)
    assert len(both.hooks) == 2
    assert combine_hooks_4(hooks_A=both, hooks_D=one).hooks == both.hooks
    assert combine_hooks_8() is None
    assert (
        create_hook_lora(
            lora_name="style.safetensors", strength_model=0.0, strength_clip=0.0, prev_hooks=one, library=library
        ).hooks
        == one.hooks
    )


def test_text_encoders_under_hooks(library, mini):
    plain = mini.clip.encode("a red apple")[0][0]
    wanted = mini.clip.with_adapter(library.adapter("style.safetensors"), 1.0).encode("a red apple")[0][0]
    assert not torch.equal(plain, wanted)
    clip = set_clip_hooks(clip=mini.clip, hooks=hook(library))
    (states, told), *rest = clip.encode("a red apple")
    assert not rest
    assert torch.equal(states, wanted)
    assert isinstance(told[HOOKS], HookGroup)
    assert HOOKS not in set_clip_hooks(clip=mini.clip, apply_to_conds=False, hooks=hook(library)).encode("a")[0][1]
    assert torch.equal(mini.clip.encode("a red apple")[0][0], plain)
    assert set_clip_hooks(clip=mini.clip) is mini.clip


def test_texts_follow_keyframes_where_they_are_asked_to(library, mini):
    frames = (Keyframe(0.0, 0.0), Keyframe(1.0, 0.5))
    group = set_hook_keyframes(hooks=hook(library), hook_kf=frames)
    clip = set_clip_hooks(clip=mini.clip, schedule_clip=True, hooks=group)
    (first, early), (second, late) = clip.encode("a red apple")
    assert torch.equal(first, mini.clip.encode("a red apple")[0][0])
    assert not torch.equal(first, second)
    assert (early["start_percent"], early["end_percent"], late["start_percent"]) == (0.0, 0.5, 0.5)


def test_another_checkpoint_as_a_hook(library, mini):
    group = create_hook_model_as_lora(ckpt_name=NAME, strength_model=0.5, library=library)
    answering = mini.model.for_entry({HOOKS: group}, 5.0)
    with answering.network.lease() as mixed, mini.model.network.lease() as plain:
        assert torch.allclose(mixed.get_submodule(QUERY).weight, plain.get_submodule(QUERY).weight)
    assert answering.key != mini.model.key
    alone = create_hook_model_as_lora_model_only(ckpt_name=NAME, library=library)
    assert set_clip_hooks(clip=mini.clip, hooks=alone).encode("a")[0][0].equal(mini.clip.encode("a")[0][0])


def test_a_default_text_counts_where_others_do_not_reach(mini):
    mask = torch.zeros(1, 8, 8)
    mask[..., :4] = 1.0
    text = mini.clip.encode("a red apple")
    near = [[tensor, {**told, "mask": mask}] for tensor, told in text]
    positive = conditioning_set_default_combine(cond=near, cond_DEFAULT=text)
    x = torch.zeros(1, 4, 8, 8)
    question = Guidance(mini.model, CfgGuider(positive, text, 1.0), x).question(x, 5.0)
    for number, call in enumerate(call for call in question.calls if call.branch == 0):
        call.x0 = torch.full_like(x, number + 1.0)
    mean = question.prediction(0)
    assert torch.equal(mean[..., :4], torch.ones(1, 4, 8, 4))
    assert torch.equal(mean[..., 4:], torch.full((1, 4, 8, 4), 2.0))
    pair = pair_conditioning_set_default_combine(
        positive=near, negative=text, positive_DEFAULT=text, negative_DEFAULT=text, hooks=HookGroup()
    )
    assert [told["default"] for _, told in (pair[0][1], pair[1][1])] == [True, True]
