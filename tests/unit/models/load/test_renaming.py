"""Key maps as tables: whole modules, parts of them, exchanged halves, nothing."""

import torch

from limner.models.load.blueprint import Source, made
from limner.models.load.layout import Layout
from limner.models.load.renaming import (
    Dropped,
    Exchanged,
    Split,
    fewer_keys,
    found_rule,
    named,
    renamed_sources,
    width_first,
    with_published,
)

TABLE = {
    "blocks.{}.qkv": Split(("layers.{}.q", "layers.{}.k", "layers.{}.v")),
    "blocks.{}.mlp.0": "layers.{}.first",
    "blocks.1.mlp.0": "layers.1.other",
    "blocks.{}.norm": "layers.{}.norm",
    "final.1": Exchanged("out"),
    "table": "places.table",
    "unused": Dropped(),
}
SHAPES = {
    "net.blocks.0.qkv.weight": (6, 2),
    "net.blocks.0.mlp.0.weight": (2, 2),
    "net.blocks.1.mlp.0.weight": (2, 2),
    "net.blocks.0.norm.scale": (2,),
    "net.final.1.bias": (4,),
    "net.table": (1, 3),
    "net.unused.weight": (1,),
    "net.unknown.weight": (1,),
    "elsewhere": (1,),
}


def test_every_rule():
    layout = Layout(SHAPES)
    sources = renamed_sources(TABLE, layout, "net.")
    assert {name: source.names for name, source in sources.items()} == {
        "layers.0.q.weight": ("net.blocks.0.qkv.weight",),
        "layers.0.k.weight": ("net.blocks.0.qkv.weight",),
        "layers.0.v.weight": ("net.blocks.0.qkv.weight",),
        "layers.0.first.weight": ("net.blocks.0.mlp.0.weight",),
        "layers.1.other.weight": ("net.blocks.1.mlp.0.weight",),
        "layers.0.norm.weight": ("net.blocks.0.norm.scale",),
        "out.bias": ("net.final.1.bias",),
        "places.table": ("net.table",),
        "unknown.weight": ("net.unknown.weight",),
    }
    assert named(sources, layout).shape("layers.0.k.weight") == (2, 2)
    stored = {name: torch.arange(float(torch.Size(shape).numel())).reshape(shape) for name, shape in SHAPES.items()}
    assert made(sources["layers.0.k.weight"], stored).tolist() == [[4, 5], [6, 7]]
    assert made(sources["out.bias"], stored).tolist() == [2, 3, 0, 1]


def test_sizes_of_parts():
    assert width_first(13, 3, 4) == (3, 3, 3, 4)
    assert fewer_keys(10, 6, 3) == (6, 2, 2)


def test_an_unknown_name_has_no_rule():
    assert found_rule(TABLE, "unknown.weight") == (None, "", "")


def test_what_a_file_in_the_networks_layout_would_be_in_the_other():
    own = {f"layers.0.{part}.weight": (2, 2) for part in "qkv"}
    own |= {
        "layers.0.first.weight": (2, 2),
        "layers.1.other.weight": (2, 2),
        "out.weight": (4, 2),
        "places.table": (1,),
    }
    own |= {"unknown.weight": (1,), "layers.1.k.weight": (2, 2)}
    sources = with_published({name: Source((f"net.{name}",), shape=shape) for name, shape in own.items()}, TABLE)
    assert all(source.names == (f"net.{name}",) for name, source in sources.items())
    published = {name: source.published for name, source in sources.items()}
    assert {name: other and other.names for name, other in published.items()} == {
        **{f"layers.0.{part}.weight": ("blocks.0.qkv.weight",) for part in "qkv"},
        "layers.0.first.weight": ("blocks.0.mlp.0.weight",),
        "layers.1.other.weight": ("blocks.1.mlp.0.weight",),
        "out.weight": ("final.1.weight",),
        "places.table": ("table",),
        "unknown.weight": None,
        "layers.1.k.weight": None,  # its other parts are missing
    }
    rows = torch.arange(6.0).reshape(6, 1)
    stored = {"blocks.0.qkv.weight": rows, "final.1.weight": rows[:4]}
    assert made(published["layers.0.k.weight"], stored).flatten().tolist() == [2, 3]
    assert made(published["out.weight"], stored).flatten().tolist() == [2, 3, 0, 1]
