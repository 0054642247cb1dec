"""Names of the transformers of Stable Diffusion 3: the original layout onto diffusers' network."""

from limner.models.load.renaming import Exchanged, Split, Table

SD3: Table = {
    "pos_embed": "pos_embed.pos_embed",
    "x_embedder.proj": "pos_embed.proj",
    "t_embedder.mlp.0": "time_text_embed.timestep_embedder.linear_1",
    "t_embedder.mlp.2": "time_text_embed.timestep_embedder.linear_2",
    "y_embedder.mlp.0": "time_text_embed.text_embedder.linear_1",
    "y_embedder.mlp.2": "time_text_embed.text_embedder.linear_2",
    "joint_blocks.{}.x_block.attn.qkv": Split(
        ("transformer_blocks.{}.attn.to_q", "transformer_blocks.{}.attn.to_k", "transformer_blocks.{}.attn.to_v")
    ),
    "joint_blocks.{}.x_block.attn2.qkv": Split(
        ("transformer_blocks.{}.attn2.to_q", "transformer_blocks.{}.attn2.to_k", "transformer_blocks.{}.attn2.to_v")
    ),
    "joint_blocks.{}.context_block.attn.qkv": Split(
        (
            "transformer_blocks.{}.attn.add_q_proj",
            "transformer_blocks.{}.attn.add_k_proj",
            "transformer_blocks.{}.attn.add_v_proj",
        )
    ),
    "joint_blocks.{}.x_block.attn.ln_q": "transformer_blocks.{}.attn.norm_q",
    "joint_blocks.{}.x_block.attn.ln_k": "transformer_blocks.{}.attn.norm_k",
    "joint_blocks.{}.x_block.attn2.ln_q": "transformer_blocks.{}.attn2.norm_q",
    "joint_blocks.{}.x_block.attn2.ln_k": "transformer_blocks.{}.attn2.norm_k",
    "joint_blocks.{}.context_block.attn.ln_q": "transformer_blocks.{}.attn.norm_added_q",
    "joint_blocks.{}.context_block.attn.ln_k": "transformer_blocks.{}.attn.norm_added_k",
    "joint_blocks.{}.x_block.attn.proj": "transformer_blocks.{}.attn.to_out.0",
    "joint_blocks.{}.x_block.attn2.proj": "transformer_blocks.{}.attn2.to_out.0",
    "joint_blocks.{}.context_block.attn.proj": "transformer_blocks.{}.attn.to_add_out",
    "joint_blocks.{}.x_block.mlp.fc1": "transformer_blocks.{}.ff.net.0.proj",
    "joint_blocks.{}.x_block.mlp.fc2": "transformer_blocks.{}.ff.net.2",
    "joint_blocks.{}.context_block.mlp.fc1": "transformer_blocks.{}.ff_context.net.0.proj",
    "joint_blocks.{}.context_block.mlp.fc2": "transformer_blocks.{}.ff_context.net.2",
    "joint_blocks.{}.x_block.adaLN_modulation.1": "transformer_blocks.{}.norm1.linear",
    "joint_blocks.{}.context_block.adaLN_modulation.1": "transformer_blocks.{}.norm1_context.linear",
    "final_layer.linear": "proj_out",
    "final_layer.adaLN_modulation.1": Exchanged("norm_out.linear"),
}


def sd3_table(layers: int) -> Table:
    """The key map of a network of some layers: the last one's text has no output, so its norm has the other order."""
    last = Exchanged(f"transformer_blocks.{layers - 1}.norm1_context.linear")
    return {f"joint_blocks.{layers - 1}.context_block.adaLN_modulation.1": last, **SD3}
