"""A UNet run block by block, so that others can step in: patches of attention and of blocks, residuals of controls.

The one place where a patched UNet runs, whoever patched it: our own nodes or node packs. diffusers' network keeps its
own modules; only the order of the calls is written here, in the numbering of the original layout: input block 0 is the
first convolution, a downsampling is a block of its own, an upsampling belongs to its block. Without patches the result
is that of the network's own ``forward``.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from limner.models.attention import attend

Options = Mapping[str, Any]

EVERY = ("every",)
"""The block of a replacement that holds wherever no other one does."""

DEPTH = "depth"
"""Among reports and options: what enters the first of the outer output blocks."""


@dataclass
class Run:
    """One forward pass.

    Attributes:
        context: Text [n t d].
        embedding: Of timestep and vector, [n e].
        options: ``transformer_options``, with what the pass adds to it.
        transformers: How many transformer blocks have run.
        outer: How many input blocks after the first convolution lie outside of the depth; None: there is no depth.
    """

    context: Tensor
    embedding: Tensor
    options: dict[str, Any]
    transformers: int = 0
    outer: int | None = None

    def patches(self, name: str) -> Sequence[Any]:
        """The patches of a kind."""
        return self.options.get("patches", {}).get(name, ())

    def replacement(self, name: str, index: int) -> Any:
        """Who replaces an attention in the present block, at a depth of its transformer; None: nobody."""
        found = self.options.get("patches_replace", {}).get(name, {})
        block = self.options["block"]
        return found.get((*block, index)) or found.get(tuple(block)) or found.get(EVERY)


@dataclass
class Skips:
    """What input blocks hand to output blocks, with what a control adds to it."""

    control: Mapping[str, list[Tensor | None]]
    kept: list[Tensor] = field(default_factory=list)

    def controlled(self, hidden: Tensor, side: str) -> Tensor:
        """Hidden states plus the next residual of a control for this side."""
        waiting = self.control.get(side)
        residual = waiting.pop() if waiting else None
        return hidden if residual is None else hidden + residual.to(hidden)

    def passed_over(self, side: str) -> None:
        """Drops the next residual of a control for this side: its block does not run."""
        waiting = self.control.get(side)
        if waiting:
            waiting.pop()


def forward(
    network: Any,
    x: Tensor,
    timestep: Tensor,
    context: Tensor,
    vector: Tensor | None,
    control: Mapping[str, Sequence[Tensor | None]] | None,
    options: Options,
) -> Tensor:
    """One pass through a diffusers UNet2DConditionModel.

    Args:
        network: The network.
        x: [n c h w], scaled.
        timestep: [n].
        context: Text [n t d].
        vector: Conditioning vector [n v] of SDXL or unCLIP, or None.
        control: Residuals by side (``input``, ``middle``, ``output``), the last of a list first.
        options: ``transformer_options``: ``patches`` and ``patches_replace`` by kind. Besides ``reports``, a dict for
            tensors that are wanted beside the output; ``outer_blocks``, how many input blocks lie outside of the
            depth, which is then reported as ``depth``, or left out if it is given under that name.

    Returns:
        Like x.
    """
    told = {
        "reports": {},
        **options,
        "original_shape": list(x.shape),
        "transformer_index": 0,
        "block": ("input", 0),
    }
    run = Run(_projected(network, context), _embedding(network, x, timestep, vector), told)
    run.outer = told.get("outer_blocks")
    for patch in run.patches("emb_patch"):
        run.embedding = patch(run.embedding, network.config.block_out_channels[0], run.options)
    skips = Skips({side: list(values) for side, values in (control or {}).items()})
    hidden = _down(network, x, run, skips)
    if DEPTH not in told:
        hidden = _bottom(network, hidden, x, run, skips)
    hidden = _up(network, hidden, run, skips)
    return network.conv_out(network.conv_act(network.conv_norm_out(hidden)))


def vector_of(network: Any, pooled: Tensor, sizes: Tensor) -> Tensor:
    """SDXL's conditioning vector of pooled text [n p] and numbers [n m]."""
    features = network.add_time_proj(sizes.flatten()).reshape(sizes.shape[0], -1)
    return torch.cat([pooled, features.to(pooled)], dim=-1)


def _projected(network: Any, context: Tensor) -> Tensor:
    """The text as attention gets it; some networks have a layer of their own in front of it."""
    projection = getattr(network, "encoder_hid_proj", None)
    return context if projection is None else projection(context)


def _embedding(network: Any, x: Tensor, timestep: Tensor, vector: Tensor | None) -> Tensor:
    embedding = network.time_embedding(network.time_proj(timestep.expand(x.shape[0])).to(x.dtype))
    if vector is None:
        return embedding
    layers = network.add_embedding if network.class_embedding is None else network.class_embedding
    return embedding + layers(vector.to(x.dtype))


def input_blocks(network: Any) -> Iterator[tuple[Any, Any]]:
    """(layer, transformer or None) of each input block after the first convolution."""
    for block in network.down_blocks:
        attentions = getattr(block, "attentions", None) or [None] * len(block.resnets)
        yield from zip(block.resnets, attentions, strict=True)
        for downsampler in block.downsamplers or ():
            yield downsampler, None


def _down(network: Any, x: Tensor, run: Run, skips: Skips) -> Tensor:
    hidden = _kept(network.conv_in(x), run, skips)
    resnets = {id(resnet) for block in network.down_blocks for resnet in block.resnets}
    last = run.outer if DEPTH in run.options else None
    for number, (layer, transformer) in enumerate(islice(input_blocks(network), last), start=1):
        run.options["block"] = ("input", number)
        hidden = layer(hidden, run.embedding) if id(layer) in resnets else layer(hidden)
        if transformer is not None:
            hidden = _transformer(transformer, hidden, run)
        hidden = _kept(hidden, run, skips)
    return hidden


def _kept(hidden: Tensor, run: Run, skips: Skips) -> Tensor:
    """Closes an input block."""
    hidden = skips.controlled(hidden, "input")
    for patch in run.patches("input_block_patch"):
        hidden = patch(hidden, run.options)
    skips.kept.append(hidden)
    for patch in run.patches("input_block_patch_after_skip"):
        hidden = patch(hidden, run.options)
    return hidden


def _bottom(network: Any, hidden: Tensor, x: Tensor, run: Run, skips: Skips) -> Tensor:
    """The middle block, and what others do after it."""
    run.options["block"] = ("middle", 0)
    hidden = _middle(network.mid_block, hidden, run)
    hidden = skips.controlled(hidden, "middle")
    for patch in run.patches("middle_block_patch"):
        hidden = patch({"h": hidden, "x": x, "emb": run.embedding, "transformer_options": run.options})["h"]
    return hidden


def _middle(block: Any, hidden: Tensor, run: Run) -> Tensor:
    if block is None:  # distilled networks may have none
        return hidden
    hidden = block.resnets[0](hidden, run.embedding)
    for transformer, resnet in zip(block.attentions, block.resnets[1:], strict=True):
        hidden = resnet(_transformer(transformer, hidden, run), run.embedding)
    return hidden


def output_blocks(network: Any) -> Iterator[tuple[Any, Any, Any]]:
    """(layer, transformer or None, upsampler or None) of each output block."""
    for block in network.up_blocks:
        attentions = getattr(block, "attentions", None) or [None] * len(block.resnets)
        upsamplers = [None] * (len(block.resnets) - 1) + [next(iter(block.upsamplers or ()), None)]
        yield from zip(block.resnets, attentions, upsamplers, strict=True)


def _up(network: Any, hidden: Tensor, run: Run, skips: Skips) -> Tensor:
    blocks = list(output_blocks(network))
    first = 0 if run.outer is None else len(blocks) - 1 - run.outer
    for number, (resnet, transformer, upsampler) in enumerate(blocks):
        if number < first and DEPTH in run.options:
            skips.passed_over("output")
            continue
        if number == first and run.outer is not None:
            hidden = run.options["reports"][DEPTH] = run.options.get(DEPTH, hidden)
        run.options["block"] = ("output", number)
        skip = skips.controlled(skips.kept.pop(), "output")
        for patch in run.patches("output_block_patch"):
            hidden, skip = patch(hidden, skip, run.options)
        hidden = resnet(torch.cat([hidden, skip], dim=1), run.embedding)
        if transformer is not None:
            hidden = _transformer(transformer, hidden, run)
        if upsampler is not None:
            hidden = upsampler(hidden, _grown(hidden, skips))
    return hidden


def _grown(hidden: Tensor, skips: Skips) -> Any:
    """The size of the next skip, where it is not twice the present one only because a side was odd; or else None."""
    if not skips.kept:
        return None
    size = skips.kept[-1].shape[-2:]
    near = all(abs(side - 2 * before) <= 1 for side, before in zip(size, hidden.shape[-2:], strict=True))
    return size if near else None


def _transformer(transformer: Any, hidden: Tensor, run: Run) -> Tensor:
    """Attention over a picture's elements. Shapes: hidden [n c h w]."""
    samples, _, height, width = hidden.shape
    run.options["activations_shape"] = list(hidden.shape)
    normed = transformer.norm(hidden)
    linear = transformer.use_linear_projection
    if not linear:
        normed = transformer.proj_in(normed)
    rows = normed.permute(0, 2, 3, 1).reshape(samples, height * width, -1)
    if linear:
        rows = transformer.proj_in(rows)
    for index, block in enumerate(transformer.transformer_blocks):
        run.options["block_index"] = index
        rows = _block(block, rows, run, index)
        run.transformers += 1
        run.options["transformer_index"] = run.transformers
    if linear:
        rows = transformer.proj_out(rows)
    result = rows.reshape(samples, height, width, -1).permute(0, 3, 1, 2).contiguous()
    return hidden + (result if linear else transformer.proj_out(result))


def _block(block: Any, rows: Tensor, run: Run, index: int) -> Tensor:
    """Attention to itself, to the text, and the perceptron. Shapes: rows [n t d]."""
    told = {**run.options, "n_heads": block.attn1.heads, "dim_head": block.attn1.to_q.out_features // block.attn1.heads}
    told["attn_precision"] = None
    normed = block.norm1(rows)
    rows = rows + _attention(block.attn1, "attn1", (normed, normed, normed), run, index, told)
    for patch in run.patches("middle_patch"):
        rows = patch(rows, told)
    normed = block.norm2(rows)
    rows = rows + _attention(block.attn2, "attn2", (normed, run.context, run.context), run, index, told)
    return rows + block.ff(block.norm3(rows))


def _attention(
    attention: Any, name: str, seen: tuple[Tensor, Tensor, Tensor], run: Run, index: int, told: dict[str, Any]
) -> Tensor:
    query, key, value = seen
    for patch in run.patches(f"{name}_patch"):
        query, key, value = patch(query, key, value, told)
    query, key, value = attention.to_q(query), attention.to_k(key), attention.to_v(value)
    told["attention"] = attention
    replacement = run.replacement(name, index)
    if replacement is None:
        mixed = attend(query, key, value, attention.heads)
    else:
        mixed = replacement(query, key, value, told)
    mixed = attention.to_out[1](attention.to_out[0](mixed))
    for patch in run.patches(f"{name}_output_patch"):
        mixed = patch(mixed, told)
    return mixed
