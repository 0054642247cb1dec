"""Patches of UNets: neutral settings change nothing, the others do what their papers' formulas say."""

import copy

import pytest
import torch
from diffusers.utils.torch_utils import apply_freeu
from torch.nn import functional

from limner.models.patches.attention_map import ATTENTION_MAP, AttentionMap
from limner.models.patches.deep_cache import OuterBlocks
from limner.models.patches.deep_shrink import DeepShrink
from limner.models.patches.freeu import FreeU, amplified, damped
from limner.models.patches.hyper_tile import HyperTile, cut, divisor, joined
from limner.models.patches.normalized_attention import NormalizedAttention, guided
from limner.models.patches.perturbed_attention import PerturbedAttention
from limner.models.patches.token_merging import TokenMerging, matching
from limner.models.unet_walk import DEPTH

DRAW = torch.Generator().manual_seed(7)
NEGATIVE = torch.randn(1, 5, 12, generator=DRAW)

NEUTRAL = {
    "nothing": (),
    "FreeU": (FreeU((1.0, 1.0), (1.0, 1.0), adaptive=False),),
    "FreeU adaptive": (FreeU((1.0, 1.0), (1.0, 1.0), adaptive=True),),
    "one tile": (HyperTile(512, 1, 3, False),),
    "merging nothing": (TokenMerging(0.0),),
    "shrinking by one": (DeepShrink(2, 1.0, True, "bilinear", "bilinear"),),
    "watching": (AttentionMap(),),
    "reporting the depth": (OuterBlocks(2),),
    "guidance of one": (NormalizedAttention.away_from(NEGATIVE, 1.0, 2.5, 0.5),),
    "no share": (NormalizedAttention.away_from(NEGATIVE, 5.0, 2.5, 0.0),),
}

STRONG = {
    "FreeU": FreeU((1.3, 1.4), (0.9, 0.2), adaptive=False),
    "FreeU adaptive": FreeU((1.3, 1.4), (0.9, 0.2), adaptive=True),
    "tiles": HyperTile(64, 2, 2, False),
    "scaled tiles": HyperTile(64, 2, 2, True),
    "merging": TokenMerging(0.5),
    "shrinking after": DeepShrink(2, 2.0, True, "bicubic", "bicubic"),
    "shrinking before": DeepShrink(1, 1.5, False, "area", "bislerp"),
    "identity": PerturbedAttention(),
    "guidance": NormalizedAttention.away_from(NEGATIVE, 5.0, 2.5, 0.5),
}


@pytest.mark.parametrize("name", NEUTRAL)
def test_neutral_settings_change_nothing(name, run, plain):
    torch.testing.assert_close(run(*NEUTRAL[name])[0], plain, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", STRONG)
def test_samples_stand_alone_and_patches_act(name, run, plain, network, given, monkeypatch):
    whole = run(STRONG[name])[0]
    assert whole.shape == plain.shape
    assert float((whole - plain).abs().max()) > 1e-4
    for key, value in given.items():
        monkeypatch.setitem(given, key, value[1:])
    torch.testing.assert_close(run(STRONG[name])[0], whole[1:], rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", STRONG)
def test_equal_patches_are_one(name):
    assert STRONG[name] == copy.deepcopy(STRONG[name])
    assert hash(STRONG[name]) == hash(copy.deepcopy(STRONG[name]))


def test_factors_are_those_of_another_implementation():
    hidden, skip = torch.randn(2, 3, 8, 9, 11, generator=DRAW)[:, :2]
    factors = {"b1": 1.3, "s1": 0.4, "b2": 1.0, "s2": 1.0}
    theirs, their_skip = apply_freeu(0, hidden.clone(), skip.clone(), **factors)
    torch.testing.assert_close(amplified(hidden, 1.3, adaptive=False), theirs)
    torch.testing.assert_close(damped(skip, 0.4), their_skip)


def test_adaptive_factors_follow_the_mean_activation():
    hidden = torch.randn(1, 6, 4, 5, generator=DRAW).double()
    mean = hidden.mean(dim=1)[0]
    alpha = (1.5 - 1) * (mean - mean.min()) / (mean.max() - mean.min()) + 1
    expected = torch.cat([hidden[:, :3] * alpha, hidden[:, 3:]], dim=1)
    torch.testing.assert_close(amplified(hidden, 1.5, adaptive=True), expected)


def test_stages_are_told_by_their_width(network, run):
    widths = []

    def patch(hidden, skip, options):
        widths.append(hidden.shape[1])
        return hidden, skip

    run(patches={"output_block_patch": [patch]})
    assert {64, 32} <= set(widths)
    only_deep = run(FreeU((1.5, 1.0), (1.0, 1.0), adaptive=False))[0]
    only_next = run(FreeU((1.0, 1.5), (1.0, 1.0), adaptive=False))[0]
    both = run(FreeU((1.5, 1.5), (1.0, 1.0), adaptive=False))[0]
    assert not torch.allclose(only_deep, only_next)
    assert not torch.allclose(both, only_deep)


def test_tiles_are_pictures_of_their_own():
    rows = torch.randn(2, 6 * 8, 5, generator=DRAW)
    tiles = cut(rows, 2, 4, 3, 2)
    picture = rows.reshape(2, 6, 8, 5)
    assert torch.equal(tiles[0], picture[0, :3, :2].reshape(6, 5))
    assert torch.equal(tiles[8 + 5], picture[1, 3:, 2:4].reshape(6, 5))
    assert torch.equal(joined(tiles, 2, 4, 3, 2), rows)


@pytest.mark.parametrize(
    ("side", "least", "parts"), [(64, 32, [2, 1]), (96, 32, [3, 2, 1]), (30, 32, [1]), (7, 2, [1])]
)
def test_sides_are_divided_evenly(side, least, parts):
    assert [divisor(side, least, 10, place) for place in range(len(parts))] == parts
    assert divisor(side, least, 1, 5) == parts[0]


def test_tiles_hold_down_to_a_level():
    tile = HyperTile(128, 1, 1, False)
    original = [1, 4, 64, 96]
    assert tile.tiles(64, 96, original, 0) == (4, 6)
    assert tile.tiles(32, 48, original, 0) == (4, 6)
    assert tile.tiles(16, 24, original, 0) == (1, 1)
    assert HyperTile(128, 1, 1, True).tiles(32, 48, original, 0) == (2, 3)


def test_merged_elements_are_the_likest_and_get_their_mean():
    rows = torch.randn(1, 16, 6, generator=DRAW)
    count = 5
    merge = matching(rows, 4, 4, count)
    stays = [0, 2, 8, 10]
    assert merge.stays.tolist() == stays
    likeness = functional.cosine_similarity(rows[0, :, None], rows[0, None, stays], dim=-1)
    others = [number for number in range(16) if number not in stays]
    best = sorted(others, key=lambda number: -float(likeness[number].max()))[:count]
    assert sorted(merge.merged[0].tolist()) == sorted(best)
    merged = merge.apply(rows)
    assert merged.shape == (1, 16 - count, 6)
    for place, stay in enumerate(stays):
        members = [number for number in best if int(likeness[number].argmax()) == place]
        expected = rows[0, [stay, *members]].mean(dim=0)
        torch.testing.assert_close(merged[0, 12 - count + place], expected)
    back = merge.undo(merged)
    for number in best:
        assert torch.equal(back[0, number], back[0, stays[int(likeness[number].argmax())]])
    for number in set(others) - set(best):
        assert torch.equal(back[0, number], rows[0, number])


def test_equal_elements_are_merged_without_loss():
    rows = torch.randn(2, 4, 4, 3, generator=DRAW).repeat_interleave(2, 1).repeat_interleave(2, 2).reshape(2, 64, 3)
    merge = matching(rows, 8, 8, 48)
    torch.testing.assert_close(merge.undo(merge.apply(rows)), rows)


class IdentityAttention:
    """An attention of diffusers whose matrix is the identity."""

    def __call__(self, attn, hidden_states, *args, **kwargs):
        return attn.to_out[1](attn.to_out[0](attn.to_v(hidden_states)))


def test_perturbed_attention_is_the_identity_in_the_middle(run, network, given):
    changed = copy.deepcopy(network)
    changed.mid_block.attentions[0].transformer_blocks[0].attn1.set_processor(IdentityAttention())
    with torch.no_grad():
        expected = changed(given["x"], given["timestep"], encoder_hidden_states=given["context"]).sample
    torch.testing.assert_close(run(PerturbedAttention())[0], expected, rtol=1e-4, atol=1e-5)


def test_attention_is_reported_place_by_place(run, network):
    seen = {}

    def remember(module, inputs, output):
        seen[module] = output

    attention = network.mid_block.attentions[0].transformer_blocks[0].attn1
    handles = [part.register_forward_hook(remember) for part in (attention.to_q, attention.to_k)]
    paid = run(AttentionMap())[1][ATTENTION_MAP]
    for handle in handles:
        handle.remove()
    query, key = (
        seen[part].double().unflatten(-1, (4, 16)).transpose(1, 2) for part in (attention.to_q, attention.to_k)
    )
    weights = (query @ key.transpose(-2, -1) / 16**0.5).softmax(dim=-1)
    expected = weights.mean(dim=1).sum(dim=1).reshape(2, 1, 4, 6)
    torch.testing.assert_close(paid.double(), expected, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(paid.mean(dim=(1, 2, 3)), torch.ones(2))


@pytest.mark.parametrize("count", range(6))
def test_the_depth_can_be_left_out(count, run, plain):
    _, reports = run(OuterBlocks(count))
    again, _ = run(OuterBlocks(count), **{DEPTH: reports[DEPTH]})
    torch.testing.assert_close(again, plain, rtol=1e-4, atol=1e-5)
    other, _ = run(OuterBlocks(count), **{DEPTH: reports[DEPTH] * 0.5})
    assert not torch.allclose(other, plain, atol=1e-4)


def test_outer_blocks_alone_run_without_the_depth(run, network):
    _, reports = run(OuterBlocks(1))
    calls = []
    handles = [
        module.register_forward_hook(lambda module, *_: calls.append(module))
        for module in (
            network.mid_block.resnets[0],
            network.down_blocks[1].resnets[0],
            network.down_blocks[0].resnets[0],
        )
    ]
    run(OuterBlocks(1), **{DEPTH: reports[DEPTH]})
    for handle in handles:
        handle.remove()
    assert calls == [network.down_blocks[0].resnets[0]]


def test_shrinking_makes_the_depth_smaller(run):
    sizes = {}

    def seen(hidden, skip, options):
        sizes[options["block"][1]] = tuple(hidden.shape[-2:])
        return hidden, skip

    patch = DeepShrink(2, 2.0, True, "bicubic", "bicubic")

    class Watched:
        def into(self, hooks, network):
            hooks.add("output_block_patch", seen)
            patch.into(hooks, network)

    run(Watched())
    assert sizes[0] == (2, 3)
    assert sizes[5] == (16, 24)


def test_normalized_guidance_is_the_papers_formula():
    towards, against = torch.randn(2, 2, 3, 4, generator=DRAW).double()
    scale, limit, share = 4.0, 1.5, 0.3
    far = towards + (scale - 1) * (towards - against)
    expected = torch.empty_like(far)
    for sample in range(2):
        for token in range(3):
            ratio = far[sample, token].abs().sum() / towards[sample, token].abs().sum()
            bounded = far[sample, token] * min(float(limit / ratio), 1.0)
            expected[sample, token] = share * bounded + (1 - share) * towards[sample, token]
    torch.testing.assert_close(guided(towards, against, scale, limit, share), expected, rtol=1e-6, atol=1e-6)


class GuidedAttention:
    """A cross-attention of diffusers under normalized guidance, by the formula."""

    def __call__(self, attn, hidden_states, encoder_hidden_states=None, *args, **kwargs):
        def mixed(text):
            query, key, value = attn.to_q(hidden_states), attn.to_k(text), attn.to_v(text)
            query, key, value = (part.unflatten(-1, (attn.heads, -1)).transpose(1, 2) for part in (query, key, value))
            weights = (query @ key.transpose(-2, -1) * query.shape[-1] ** -0.5).softmax(dim=-1)
            return (weights @ value).transpose(1, 2).flatten(2)

        towards, against = mixed(encoder_hidden_states), mixed(NEGATIVE.expand(len(hidden_states), -1, -1))
        return attn.to_out[1](attn.to_out[0](guided(towards, against, 5.0, 2.5, 0.5)))


def test_every_cross_attention_is_guided(run, network, given):
    changed = copy.deepcopy(network)
    for name, module in changed.named_modules():
        if name.endswith("attn2"):
            module.set_processor(GuidedAttention())
    with torch.no_grad():
        expected = changed(given["x"], given["timestep"], encoder_hidden_states=given["context"]).sample
    torch.testing.assert_close(run(STRONG["guidance"])[0], expected, rtol=1e-4, atol=1e-5)


def test_texts_are_told_by_their_content():
    one, same = (NormalizedAttention.away_from(NEGATIVE.clone(), 5.0, 2.5, 0.5) for _ in range(2))
    other = NormalizedAttention.away_from(NEGATIVE + 1e-3, 5.0, 2.5, 0.5)
    assert one == same
    assert one != other
