"""Models and text encoders made of two."""

from collections.abc import Mapping
from typing import Annotated, Any

from limner.graph.declare import NodeDefinition, Number, node
from limner.graph.node_type import Input, NodeType, Output
from limner.models.merging import Mix, by_longest_prefix, merged
from limner.models.text.encoder import TextEncoder
from limner.models.text.reading import TextBranch
from limner.nodes.sockets import CLIP, MODEL
from limner.nodes.text import present
from limner.nodes.widgets import Share

MERGING = "advanced/model_merging"
SPECIFIC = f"{MERGING}/model_specific"
Multiplier = Annotated[float, Number(min=-10.0, max=10.0, step=0.01)]

SHARE_OPTIONS = {"default": 1.0, "min": 0.0, "max": 1.0, "step": 0.01}


def _merged(model: MODEL, other: MODEL, mix: Mix) -> MODEL:
    return model.with_network(merged(model.network, other.network, lambda name: mix, mix))


def _merged_text(clip: CLIP, other: CLIP, mix: Mix) -> CLIP:
    """A text encoder each of whose parts is mixed with the other's part of that name, if it has one."""
    first: TextEncoder = present(clip)
    others = {branch.name: branch.network for branch in present(other).branches}

    def change(branch: TextBranch) -> Any:
        second = others.get(branch.name)
        return branch.network if second is None else merged(branch.network, second, lambda name: mix, mix)

    return first.with_networks(change)


@node(name="ModelMergeSimple", title="ModelMergeSimple", category=MERGING)
def model_merge_simple(*, model1: MODEL, model2: MODEL, ratio: Share = 1.0) -> MODEL:
    """A model between two: ``ratio`` of the first one's weights, the rest of the second one's."""
    return _merged(model1, model2, Mix(ratio, 1.0 - ratio))


@node(name="ModelMergeSubtract", title="ModelMergeSubtract", category=MERGING)
def model_merge_subtract(*, model1: MODEL, model2: MODEL, multiplier: Multiplier = 1.0) -> MODEL:
    """What one model has and another has not, times a number; to be added to a third one with ModelMergeAdd."""
    return _merged(model1, model2, Mix(multiplier, -multiplier))


@node(name="ModelMergeAdd", title="ModelMergeAdd", category=MERGING)
def model_merge_add(*, model1: MODEL, model2: MODEL) -> MODEL:
    """The sum of two models' weights; one of them should be a difference."""
    return _merged(model1, model2, Mix(1.0, 1.0))


@node(name="CLIPMergeSimple", title="CLIPMergeSimple", category=MERGING)
def clip_merge_simple(*, clip1: CLIP, clip2: CLIP, ratio: Share = 1.0) -> CLIP:
    """A text encoder between two: ``ratio`` of the first one's weights, the rest of the second one's."""
    return _merged_text(clip1, clip2, Mix(ratio, 1.0 - ratio))


@node(name="CLIPMergeSubtract", title="CLIPMergeSubtract", category=MERGING)
def clip_merge_subtract(*, clip1: CLIP, clip2: CLIP, multiplier: Multiplier = 1.0) -> CLIP:
    """What one text encoder has and another has not, times a number."""
    return _merged_text(clip1, clip2, Mix(multiplier, -multiplier))


@node(name="CLIPMergeAdd", title="CLIPMergeAdd", category=MERGING)
def clip_merge_add(*, clip1: CLIP, clip2: CLIP) -> CLIP:
    """The sum of two text encoders' weights; one of them should be a difference."""
    return _merged_text(clip1, clip2, Mix(1.0, 1.0))


def _by_blocks(*, model1: MODEL, model2: MODEL, **ratios: float) -> MODEL:
    look = by_longest_prefix(ratios)

    def mix(name: str) -> Mix:
        ratio = look(name)
        return Mix(ratio, 1.0 - ratio)

    return model1.with_network(merged(model1.network, model2.network, mix, tuple(ratios.items())))


def block_merge(name: str, category: str, blocks: tuple[str, ...]) -> NodeDefinition:
    """A node with a share for each of some blocks; their names are no names of Python's."""
    models = tuple(Input(name=model, type="MODEL") for model in ("model1", "model2"))
    shares = tuple(Input(name=block, type="FLOAT", options=dict(SHARE_OPTIONS)) for block in blocks)
    doc = (
        "A model between two, with a share of the first one's weights for each block.\n\n"
        "An input's name is how the names of the block's weights begin; the longest one that fits counts, and the "
        "first input is for weights that no name fits."
    )
    return NodeDefinition(
        NodeType(
            name=name,
            title=name,
            category=category,
            doc=doc,
            inputs=(*models, *shares),
            outputs=(Output(name="MODEL", type="MODEL"),),
            module="nodes",
        ),
        _by_blocks,
    )


def _numbered(side: str, count: int, end: str) -> tuple[str, ...]:
    return tuple(f"{side}.{number}{end}" for number in range(count))


def _unet_blocks(outer: int, end: str) -> tuple[str, ...]:
    """The blocks of a UNet with so many on each side; ``end`` closes their names."""
    sides: Mapping[str, int] = {"input_blocks": outer, "middle_block": 3, "output_blocks": outer}
    numbered = (name for side, count in sides.items() for name in _numbered(side, count, end))
    return ("time_embed.", "label_emb.", *numbered, "out.")


MODEL_MERGE_BLOCKS = block_merge("ModelMergeBlocks", MERGING, ("input", "middle", "out"))
MODEL_MERGE_SD1 = block_merge("ModelMergeSD1", SPECIFIC, _unet_blocks(12, "."))
MODEL_MERGE_SD2 = block_merge("ModelMergeSD2", SPECIFIC, _unet_blocks(12, "."))
MODEL_MERGE_SDXL = block_merge("ModelMergeSDXL", SPECIFIC, _unet_blocks(9, ""))
