"""Block weights reach the blocks that they name, in every form in which people write them."""

from types import SimpleNamespace

import pytest
import torch

from limner.graph.errors import NumericsError
from limner.models.adapters.adapter import Adapter
from limner.models.adapters.full import Difference
from limner.models.adapters.oft import OFT
from limner.models.block_weights import block_weights, with_block_weights
from limner.models.load.blueprint import Source
from limner.models.merging import weight_of
from limner.models.network_blocks import BASE, blocks_of
from limner.nodes.lora_blocks import load_lora_by_block

ATTENDING = ("IN01", "IN02", "IN04", "IN05", "IN07", "IN08", "MID", *(f"OUT{number:02}" for number in range(3, 12)))
PUBLISHED = {
    "INS": "1,1,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0",
    "IND": "1,0,0,0,1,1,1,0,0,0,0,0,0,0,0,0,0",
    "INALL": "1,1,1,1,1,1,1,0,0,0,0,0,0,0,0,0,0",
    "MIDD": "1,0,0,0,1,1,1,1,1,1,1,1,0,0,0,0,0",
    "OUTD": "1,0,0,0,0,0,0,0,1,1,1,1,0,0,0,0,0",
    "OUTS": "1,0,0,0,0,0,0,0,0,0,0,0,1,1,1,1,1",
    "OUTALL": "1,0,0,0,0,0,0,0,1,1,1,1,1,1,1,1,1",
}
"""As lists of block weights for SD 1 have them."""
EARLY = "down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.weight"
LATE = "conv_out.weight"


def network_of(*names):
    """A network of which only the names of weights are known."""
    return SimpleNamespace(blueprint=SimpleNamespace(keys={name: Source((name,)) for name in names}))


@pytest.fixture
def blocks():
    """Those of SD 1."""
    attending = {"input_blocks": (1, 2, 4, 5, 7, 8), "output_blocks": range(3, 12)}
    plain = [f"{side}.{number}.0.in_layers.0.weight" for side in attending for number in range(12)]
    inside = [
        f"{side}.{number}.1.transformer_blocks.0.attn1.to_q.weight" for side, own in attending.items() for number in own
    ]
    middle = ("middle_block.0.in_layers.0.weight", "middle_block.1.transformer_blocks.0.attn1.to_q.weight")
    return blocks_of(network_of(*plain, *inside, *middle, "time_embed.0.weight", "out.2.weight"))


@pytest.fixture
def transformer():
    lists = [("double_blocks", 3, "img_attn.qkv.weight"), ("single_blocks", 12, "linear1.inner.weight")]
    inside = [f"{name}.{number}.{rest}" for name, count, rest in lists for number in range(count)]
    return blocks_of(network_of(*inside, "time_embedding.0.weight", "img_in.weight"))


def test_the_blocks_of_a_unet(blocks):
    assert blocks.names == (*(f"IN{n:02}" for n in range(12)), "MID", *(f"OUT{n:02}" for n in range(12)))
    assert blocks.attending == ATTENDING
    assert blocks.of_weights["middle_block.0.in_layers.0.weight"] == "MID"
    assert {blocks.of_weights[name] for name in ("time_embed.0.weight", "out.2.weight")} == {BASE}


def test_blocks_go_by_the_layout_of_publication(tiny):
    found = blocks_of(tiny.model.network)
    assert found.of_weights["conv_in.weight"] == "IN00"
    assert found.of_weights[EARLY] == "IN01"
    assert found.of_weights["time_embedding.linear_1.weight"] == BASE


def test_the_blocks_of_a_transformer(transformer):
    assert transformer.names[:4] == ("double_blocks.0", "double_blocks.1", "double_blocks.2", "single_blocks.0")
    assert transformer.names[-1] == "single_blocks.11"
    assert {name for name, block in transformer.of_weights.items() if block == BASE} == {
        "time_embedding.0.weight",
        "img_in.weight",
    }


@pytest.mark.parametrize("preset", PUBLISHED)
def test_presets_are_those_of_the_field(blocks, preset):
    assert block_weights(preset, blocks) == block_weights(PUBLISHED[preset], blocks)
    assert block_weights(preset.lower(), blocks) == block_weights(preset, blocks)


def test_numbers_in_order(blocks):
    short = block_weights(",".join(str(number) for number in range(17)), blocks)
    assert (short[BASE], short["IN01"], short["MID"], short["OUT11"]) == (0, 1, 7, 16)
    assert (short["IN00"], short["IN03"], short["OUT00"]) == (1, 2, 7)  # those without attention
    every = block_weights("\n".join(str(number) for number in range(26)), blocks)
    assert (every[BASE], every["IN00"], every["MID"], every["OUT11"]) == (0, 1, 13, 25)


def test_names_and_ranges(blocks, transformer):
    weights = block_weights("*=0, IN04-in06=0.5, M00:2, BASE=1", blocks)
    assert {name: weight for name, weight in weights.items() if weight} == {
        "IN04": 0.5,
        "IN05": 0.5,
        "IN06": 0.5,
        "MID": 2.0,
        BASE: 1.0,
    }
    assert block_weights("", blocks) == dict.fromkeys((BASE, *blocks.names), 1.0)
    assert block_weights("MIDD, OUT11=0.3", blocks)["OUT11"] == 0.3
    listed = block_weights("single_blocks.1-10=0, 0-1=-1, double_blocks.2=3", transformer)
    assert [listed[name] for name in transformer.names] == [-1, -1, 3, 1, *[0] * 10, 1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,0,1", "17 or 26"),
        ("MIDDLE", "INALL"),
        ("IN04-OUT12=1", "IN00, IN01"),
        ("IN04=much", "NAME=NUMBER"),
        ("=1", "NAME=NUMBER"),
    ],
)
def test_what_is_not_understood_is_explained(blocks, text, said):
    with pytest.raises(NumericsError, match=said):
        block_weights(text, blocks)


def test_presets_of_unets_say_nothing_of_transformers(transformer):
    assert block_weights("ALL0.5", transformer)["single_blocks.3"] == 0.5
    with pytest.raises(NumericsError, match="no preset"):
        block_weights("MIDD", transformer)
    with pytest.raises(NumericsError, match="takes 16: BASE"):
        block_weights("1,1", transformer)


def test_changes_count_by_their_blocks(tiny):
    plain = tiny.model.network
    shapes = {name: weight_of(plain, name).shape for name in (EARLY, LATE)}
    ones = {name.removesuffix(".weight"): Difference(torch.ones(shape)) for name, shape in shapes.items()}
    adapter = Adapter("ones", "ones", {f"unet.{name}": change for name, change in ones.items()})
    network, base = with_block_weights(plain, adapter, 2.0, "*=0, IN01=0.5")
    assert base == 0.0
    assert torch.allclose(weight_of(network, EARLY), weight_of(plain, EARLY) + 1.0)
    assert torch.equal(weight_of(network, LATE), weight_of(plain, LATE))
    assert network.key != with_block_weights(plain, adapter, 2.0, "*=0, IN01=0.4")[0].key
    assert with_block_weights(plain, adapter, 2.0, "NONE")[0] is plain


def test_changes_that_see_the_weight(tiny):
    generator = torch.Generator().manual_seed(0)
    parts = {"oft_blocks": torch.randn(4, 8, 8, generator=generator) * 0.1, "alpha": torch.tensor(0.0)}
    adapter = Adapter("turned", "turned", {f"unet.{EARLY.removesuffix('.weight')}": OFT.read(parts)})
    plain = tiny.model.network
    half, _ = with_block_weights(plain, adapter, 1.0, "IN01=0.5")
    assert torch.allclose(weight_of(half, EARLY), weight_of(plain.with_adapter(adapter, 0.5), EARLY))


def test_the_node(tiny):
    change = Difference(torch.ones_like(weight_of(tiny.model.network, EARLY)))
    adapter = Adapter("ones", "ones", {f"unet.{EARLY.removesuffix('.weight')}": change})
    library = SimpleNamespace(adapter=lambda name: adapter)
    clip = SimpleNamespace(with_adapter=lambda adapter, strength: strength)
    told = {"lora_name": "ones", "library": library, "clip": clip}
    model, text = load_lora_by_block(model=tiny.model, strength_clip=0.5, block_weights="BASE=0.5, IN01=3", **told)
    assert torch.allclose(weight_of(model.network, EARLY), weight_of(tiny.model.network, EARLY) + 3)
    assert text == 0.25
    model, text = load_lora_by_block(model=tiny.model, block_weights="NONE", **told)
    assert (model.network, text) == (tiny.model.network, clip)
    given = load_lora_by_block(model=tiny.model, strength_model=0.0, strength_clip=0.0, **told)
    assert given == (tiny.model, clip)
