"""Names of Cosmos Predict 2's transformer: the original layout onto diffusers' network."""

from limner.models.load.renaming import Dropped, Rule, Table

ATTENTION = {
    "q_proj": "to_q",
    "k_proj": "to_k",
    "v_proj": "to_v",
    "output_proj": "to_out.0",
    "q_norm": "norm_q",
    "k_norm": "norm_k",
}

PLACES = ("seq", "dim_spatial_range", "dim_temporal_range")
"""Tables of places, which the network makes itself."""

COUNTERS = ("video_sample_counter", "image_sample_counter", "iteration", "train_in_hours")
"""How long it was trained."""


def _layers(old: str, new: str, numbers: tuple[int, int] = (1, 2)) -> dict[str, Rule]:
    """Two linear layers with something between them."""
    return {f"{old}.{number}": f"{new}.linear_{place}" for place, number in enumerate(numbers, start=1)}


def _attention(old: str, new: str) -> dict[str, Rule]:
    place, target = f"blocks.{{}}.{old}", f"transformer_blocks.{{}}.{new}"
    states: dict[str, Rule] = {f"{place}.{norm}._extra_state": Dropped() for norm in ("q_norm", "k_norm", "v_norm")}
    return {f"{place}.{part}": f"{target}.{name}" for part, name in ATTENTION.items()} | states


COSMOS: Table = {
    "x_embedder.proj.1": "patch_embed.proj",
    "t_embedder.1.linear_1": "time_embed.t_embedder.linear_1",
    "t_embedder.1.linear_2": "time_embed.t_embedder.linear_2",
    "t_embedding_norm": "time_embed.norm",
    "t_embedding_norm._extra_state": Dropped(),
    **_attention("self_attn", "attn1"),
    **_attention("cross_attn", "attn2"),
    **_layers("blocks.{}.adaln_modulation_self_attn", "transformer_blocks.{}.norm1"),
    **_layers("blocks.{}.adaln_modulation_cross_attn", "transformer_blocks.{}.norm2"),
    **_layers("blocks.{}.adaln_modulation_mlp", "transformer_blocks.{}.norm3"),
    "blocks.{}.mlp.layer1": "transformer_blocks.{}.ff.net.0.proj",
    "blocks.{}.mlp.layer2": "transformer_blocks.{}.ff.net.2",
    **_layers("final_layer.adaln_modulation", "norm_out"),
    "final_layer.linear": "proj_out",
    **{f"pos_embedder.{name}": Dropped() for name in PLACES},
    **{f"accum_{name}": Dropped() for name in COUNTERS},
}
