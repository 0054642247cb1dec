"""Names of Wan's transformer and of its autoencoders: the original layouts onto diffusers' networks."""

from limner.models.load.renaming import Table

RESIDUAL = {"residual.0": "norm1", "residual.2": "conv1", "residual.3": "norm2", "residual.6": "conv2"}
"""Parts of a residual block of the autoencoder."""

ATTENTION = {"q": "to_q", "k": "to_k", "v": "to_v", "o": "to_out.0", "norm_q": "norm_q", "norm_k": "norm_k"}
SEEN = {"k_img": "add_k_proj", "v_img": "add_v_proj", "norm_k_img": "norm_added_k"}


def _block(place: str) -> dict[str, str]:
    return {
        f"{place}.modulation": f"{place}.scale_shift_table",
        f"{place}.norm3": f"{place}.norm2",
        f"{place}.ffn.0": f"{place}.ffn.net.0.proj",
        f"{place}.ffn.2": f"{place}.ffn.net.2",
        **{f"{place}.self_attn.{old}": f"{place}.attn1.{new}" for old, new in ATTENTION.items()},
        **{f"{place}.cross_attn.{old}": f"{place}.attn2.{new}" for old, new in (ATTENTION | SEEN).items()},
    }


WAN: Table = {
    "time_embedding.0": "condition_embedder.time_embedder.linear_1",
    "time_embedding.2": "condition_embedder.time_embedder.linear_2",
    "text_embedding.0": "condition_embedder.text_embedder.linear_1",
    "text_embedding.2": "condition_embedder.text_embedder.linear_2",
    "time_projection.1": "condition_embedder.time_proj",
    "img_emb.proj.0": "condition_embedder.image_embedder.norm1",
    "img_emb.proj.1": "condition_embedder.image_embedder.ff.net.0.proj",
    "img_emb.proj.3": "condition_embedder.image_embedder.ff.net.2",
    "img_emb.proj.4": "condition_embedder.image_embedder.norm2",
    "img_emb.emb_pos": "condition_embedder.image_embedder.pos_embed",
    "head.modulation": "scale_shift_table",
    "head.head": "proj_out",
    **_block("blocks.{}"),
    **_block("vace_blocks.{}"),
    "vace_blocks.{}.before_proj": "vace_blocks.{}.proj_in",
    "vace_blocks.{}.after_proj": "vace_blocks.{}.proj_out",
    "ref_conv": "patch_embedding.reference",
    "control_adapter.conv": "patch_embedding.rays.conv",
    "control_adapter.residual_blocks.{}.conv1": "patch_embedding.rays.residual_blocks.{}.conv1",
    "control_adapter.residual_blocks.{}.conv2": "patch_embedding.rays.residual_blocks.{}.conv2",
}


def _residual(old: str, new: str) -> dict[str, str]:
    return {f"{old}.{part}": f"{new}.{name}" for part, name in RESIDUAL.items()}


def _ends(half: str) -> dict[str, str]:
    return {
        f"{half}.conv1": f"{half}.conv_in",
        f"{half}.head.0": f"{half}.norm_out",
        f"{half}.head.2": f"{half}.conv_out",
        **{f"{half}.middle.1.{name}": f"{half}.mid_block.attentions.0.{name}" for name in ("norm", "to_qkv", "proj")},
        **_residual(f"{half}.middle.0", f"{half}.mid_block.resnets.0"),
        **_residual(f"{half}.middle.2", f"{half}.mid_block.resnets.1"),
    }


ENDS: Table = {"conv1": "quant_conv", "conv2": "post_quant_conv", **_ends("encoder"), **_ends("decoder")}

LEVELS = 4
"""Levels of both autoencoders."""


def flat_table(blocks: int) -> Table:
    """The key map of Wan 2.1's autoencoder, whose levels stand one behind the other in one list.

    Args:
        blocks: Residual blocks of a level on the way down; there is one more on the way up.
    """
    table = dict(ENDS)
    down = LEVELS * (blocks + 1) - 1
    for place in range(down):
        table |= _flat_module(f"encoder.downsamples.{place}", f"encoder.down_blocks.{place}")
    for level in range(LEVELS):
        first = level * (blocks + 2)
        for block in range(blocks + 1):
            new = f"decoder.up_blocks.{level}.resnets.{block}"
            table |= _flat_module(f"decoder.upsamples.{first + block}", new)
        table |= _sampler(f"decoder.upsamples.{first + blocks + 1}", f"decoder.up_blocks.{level}.upsamplers.0")
    return table


def nested_table(blocks: int) -> Table:
    """The key map of Wan 2.2's autoencoder, which keeps a list for each level."""
    table = dict(ENDS)
    for level in range(LEVELS):
        down, up = f"encoder.downsamples.{level}.downsamples", f"decoder.upsamples.{level}.upsamples"
        for block in range(blocks):
            table |= _flat_module(f"{down}.{block}", f"encoder.down_blocks.{level}.resnets.{block}")
        for block in range(blocks + 1):
            table |= _flat_module(f"{up}.{block}", f"decoder.up_blocks.{level}.resnets.{block}")
        table |= _sampler(f"{down}.{blocks}", f"encoder.down_blocks.{level}.downsampler")
        table |= _sampler(f"{up}.{blocks + 1}", f"decoder.up_blocks.{level}.upsampler")
    return table


def _sampler(old: str, new: str) -> dict[str, str]:
    return {f"{old}.{part}": f"{new}.{part}" for part in ("resample.1", "time_conv")}


def _flat_module(old: str, new: str) -> dict[str, str]:
    """A residual block, or what stands in its place between levels."""
    return {**_residual(old, new), f"{old}.shortcut": f"{new}.conv_shortcut", **_sampler(old, new)}
