"""Names of the transformers of Lumina 2 and of Z-Image, which grew from it: the original layout onto diffusers'."""

from limner.models.load.renaming import Dropped, Split, Table, fewer_keys


def _fused(layers: str, attention: str) -> Split:
    return Split(tuple(f"{layers}.{{}}.{attention}.to_{part}" for part in "qkv"), fewer_keys)


def _lumina_layers(layers: str, *, modulated: bool) -> Table:
    """Of one of the three stacks of layers."""
    norm = "norm1.norm" if modulated else "norm1"
    table: Table = {
        f"{layers}.{{}}.attention.qkv": _fused(layers, "attn"),
        f"{layers}.{{}}.attention.out": f"{layers}.{{}}.attn.to_out.0",
        f"{layers}.{{}}.attention.q_norm": f"{layers}.{{}}.attn.norm_q",
        f"{layers}.{{}}.attention.k_norm": f"{layers}.{{}}.attn.norm_k",
        f"{layers}.{{}}.feed_forward.w1": f"{layers}.{{}}.feed_forward.linear_1",
        f"{layers}.{{}}.feed_forward.w2": f"{layers}.{{}}.feed_forward.linear_2",
        f"{layers}.{{}}.feed_forward.w3": f"{layers}.{{}}.feed_forward.linear_3",
        f"{layers}.{{}}.attention_norm1": f"{layers}.{{}}.{norm}",
        f"{layers}.{{}}.attention_norm2": f"{layers}.{{}}.norm2",
    }
    return {**table, f"{layers}.{{}}.adaLN_modulation.1": f"{layers}.{{}}.norm1.linear"} if modulated else table


LUMINA2: Table = {
    **_lumina_layers("layers", modulated=True),
    **_lumina_layers("noise_refiner", modulated=True),
    **_lumina_layers("context_refiner", modulated=False),
    "cap_embedder.0": "time_caption_embed.caption_embedder.0",
    "cap_embedder.1": "time_caption_embed.caption_embedder.1",
    "t_embedder.mlp.0": "time_caption_embed.timestep_embedder.linear_1",
    "t_embedder.mlp.2": "time_caption_embed.timestep_embedder.linear_2",
    "final_layer.adaLN_modulation.1": "norm_out.linear_1",
    "final_layer.linear": "norm_out.linear_2",
    "norm_final": Dropped(),
}


def _z_image_layers(layers: str) -> Table:
    return {
        f"{layers}.{{}}.attention.qkv": _fused(layers, "attention"),
        f"{layers}.{{}}.attention.out": f"{layers}.{{}}.attention.to_out.0",
        f"{layers}.{{}}.attention.q_norm": f"{layers}.{{}}.attention.norm_q",
        f"{layers}.{{}}.attention.k_norm": f"{layers}.{{}}.attention.norm_k",
    }


Z_IMAGE: Table = {
    **_z_image_layers("layers"),
    **_z_image_layers("noise_refiner"),
    **_z_image_layers("context_refiner"),
    "x_embedder": "all_x_embedder.2-1",
    "final_layer.linear": "all_final_layer.2-1.linear",
    "final_layer.adaLN_modulation.1": "all_final_layer.2-1.adaLN_modulation.1",
    "norm_final": Dropped(),
}
