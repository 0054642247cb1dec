"""Names of PixArt's transformers: the original layout onto diffusers' network."""

from limner.models.load.renaming import Dropped, Split, Table

PIXART: Table = {
    "x_embedder.proj": "pos_embed.proj",
    "pos_embed": Dropped(),  # computed, for any size
    "t_embedder.mlp.0": "adaln_single.emb.timestep_embedder.linear_1",
    "t_embedder.mlp.2": "adaln_single.emb.timestep_embedder.linear_2",
    "csize_embedder.mlp.0": "adaln_single.emb.resolution_embedder.linear_1",
    "csize_embedder.mlp.2": "adaln_single.emb.resolution_embedder.linear_2",
    "ar_embedder.mlp.0": "adaln_single.emb.aspect_ratio_embedder.linear_1",
    "ar_embedder.mlp.2": "adaln_single.emb.aspect_ratio_embedder.linear_2",
    "t_block.1": "adaln_single.linear",
    "y_embedder.y_embedding": Dropped(),  # what training put in place of some texts
    "y_embedder.y_proj.fc1": "caption_projection.linear_1",
    "y_embedder.y_proj.fc2": "caption_projection.linear_2",
    "blocks.{}.scale_shift_table": "transformer_blocks.{}.scale_shift_table",
    "blocks.{}.attn.qkv": Split(
        ("transformer_blocks.{}.attn1.to_q", "transformer_blocks.{}.attn1.to_k", "transformer_blocks.{}.attn1.to_v")
    ),
    "blocks.{}.attn.proj": "transformer_blocks.{}.attn1.to_out.0",
    "blocks.{}.cross_attn.q_linear": "transformer_blocks.{}.attn2.to_q",
    "blocks.{}.cross_attn.kv_linear": Split(("transformer_blocks.{}.attn2.to_k", "transformer_blocks.{}.attn2.to_v")),
    "blocks.{}.cross_attn.proj": "transformer_blocks.{}.attn2.to_out.0",
    "blocks.{}.mlp.fc1": "transformer_blocks.{}.ff.net.0.proj",
    "blocks.{}.mlp.fc2": "transformer_blocks.{}.ff.net.2",
    "final_layer.scale_shift_table": "scale_shift_table",
    "final_layer.linear": "proj_out",
}
