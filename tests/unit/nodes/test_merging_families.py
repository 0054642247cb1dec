"""Transformers made of two, with a share for each block."""

import torch
from tests.models.families.case import Bench, load_cases, randomised

from limner.models.merging import weight_of
from limner.nodes.merging_families import LTXV, QWEN_IMAGE


def test_a_share_counts_for_the_block_that_its_name_begins_with(tmp_path):
    bench = Bench(load_cases()["qwen-image"], tmp_path)
    first = bench.load("original")
    randomised(bench.network, seed=6)
    second = bench.load("checkpoint")
    shares = {option.name: 1.0 for option in QWEN_IMAGE.type.inputs if option.type == "FLOAT"}
    shares["transformer_blocks.1."] = 0.0
    shares["img_in."] = 0.5
    mixed = QWEN_IMAGE(model1=first, model2=second, **shares).network
    for name, share in (
        ("transformer_blocks.0.attn.to_q.weight", 1.0),
        ("transformer_blocks.1.attn.to_q.weight", 0.0),
        ("img_in.weight", 0.5),
    ):
        wanted = weight_of(first.network, name) * share + weight_of(second.network, name) * (1 - share)
        torch.testing.assert_close(weight_of(mixed, name), wanted)


def test_shares_count_for_networks_that_are_stored_in_the_other_layout(tmp_path):
    bench = Bench(load_cases()["ltx-video"], tmp_path)
    first = bench.load("diffusers")
    randomised(bench.network, seed=6)
    second = bench.load("original")
    shares = {option.name: 1.0 for option in LTXV.type.inputs if option.type == "FLOAT"}
    mixed = LTXV(model1=first, model2=second, **shares | {"patchify_proj.": 0.0}).network
    assert mixed.changes.keys() == {"proj_in.weight", "proj_in.bias"}
    torch.testing.assert_close(weight_of(mixed, "proj_in.weight"), weight_of(second.network, "proj_in.weight"))
