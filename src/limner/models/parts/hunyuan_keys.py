"""Names of the transformers of HunyuanVideo and HunyuanImage: the layouts that files have onto diffusers' networks.

The published layout writes the parts of a block with underscores (``img_attn_qkv``, ``img_mlp.fc1``); GGUF files and
most trainers of adapters keep it. The later one has the names of Flux (``img_attn.qkv``, ``img_mlp.0``).
"""

from limner.models.load.renaming import Exchanged, Split, Table, width_first

DOUBLE, SINGLE = "transformer_blocks.{}", "single_transformer_blocks.{}"
OLD_REFINER, REFINER = "txt_in.individual_token_refiner.blocks.{}", "context_embedder.token_refiner.refiner_blocks.{}"


def _queries_keys_values(place: str, *names: str) -> Split:
    return Split(tuple(f"{place}.attn.{name}" for name in names))


IMAGE = _queries_keys_values(DOUBLE, "to_q", "to_k", "to_v")
TEXT = _queries_keys_values(DOUBLE, "add_q_proj", "add_k_proj", "add_v_proj")
REFINED = _queries_keys_values(REFINER, "to_q", "to_k", "to_v")

ALIKE: Table = {
    "img_in.proj": "x_embedder.proj",
    "vector_in.in_layer": "time_text_embed.text_embedder.linear_1",
    "vector_in.out_layer": "time_text_embed.text_embedder.linear_2",
    "txt_in.input_embedder": "context_embedder.proj_in",
    f"{OLD_REFINER}.norm1": f"{REFINER}.norm1",
    f"{OLD_REFINER}.norm2": f"{REFINER}.norm2",
    f"{OLD_REFINER}.adaLN_modulation.1": f"{REFINER}.norm_out.linear",
    "single_blocks.{}.linear1": Split(
        (f"{SINGLE}.attn.to_q", f"{SINGLE}.attn.to_k", f"{SINGLE}.attn.to_v", f"{SINGLE}.proj_mlp"), width_first
    ),
    "single_blocks.{}.linear2": f"{SINGLE}.proj_out",
    "final_layer.linear": "proj_out",
    "final_layer.adaLN_modulation.1": Exchanged("norm_out.linear"),
}
"""What both layouts call the same."""


def _times(first: str, last: str) -> Table:
    """The embedders of times and of guidance."""
    places = {
        "time_in": "time_text_embed.timestep_embedder",
        "guidance_in": "time_text_embed.guidance_embedder",
        "txt_in.t_embedder": "context_embedder.time_text_embed.timestep_embedder",
    }
    return {
        f"{old}.{part}": f"{new}.{name}"
        for old, new in places.items()
        for part, name in ((first, "linear_1"), (last, "linear_2"))
    }


def _perceptrons(first: str, last: str) -> Table:
    places = {
        "double_blocks.{}.img_mlp": f"{DOUBLE}.ff",
        "double_blocks.{}.txt_mlp": f"{DOUBLE}.ff_context",
        f"{OLD_REFINER}.mlp": f"{REFINER}.ff",
    }
    return {
        f"{old}.{part}": f"{new}.{name}"
        for old, new in places.items()
        for part, name in ((first, "net.0.proj"), (last, "net.2"))
    }


PUBLISHED: Table = {
    **ALIKE,
    **_times("mlp.0", "mlp.2"),
    **_perceptrons("fc1", "fc2"),
    "txt_in.c_embedder.linear_1": "context_embedder.time_text_embed.text_embedder.linear_1",
    "txt_in.c_embedder.linear_2": "context_embedder.time_text_embed.text_embedder.linear_2",
    f"{OLD_REFINER}.self_attn_qkv": REFINED,
    f"{OLD_REFINER}.self_attn_proj": f"{REFINER}.attn.to_out.0",
    "double_blocks.{}.img_mod.linear": f"{DOUBLE}.norm1.linear",
    "double_blocks.{}.txt_mod.linear": f"{DOUBLE}.norm1_context.linear",
    "double_blocks.{}.img_attn_qkv": IMAGE,
    "double_blocks.{}.txt_attn_qkv": TEXT,
    "double_blocks.{}.img_attn_q_norm": f"{DOUBLE}.attn.norm_q",
    "double_blocks.{}.img_attn_k_norm": f"{DOUBLE}.attn.norm_k",
    "double_blocks.{}.txt_attn_q_norm": f"{DOUBLE}.attn.norm_added_q",
    "double_blocks.{}.txt_attn_k_norm": f"{DOUBLE}.attn.norm_added_k",
    "double_blocks.{}.img_attn_proj": f"{DOUBLE}.attn.to_out.0",
    "double_blocks.{}.txt_attn_proj": f"{DOUBLE}.attn.to_add_out",
    "single_blocks.{}.modulation.linear": f"{SINGLE}.norm.linear",
    "single_blocks.{}.q_norm": f"{SINGLE}.attn.norm_q",
    "single_blocks.{}.k_norm": f"{SINGLE}.attn.norm_k",
}

LIKE_FLUX: Table = {
    **ALIKE,
    **_times("in_layer", "out_layer"),
    **_perceptrons("0", "2"),
    "txt_in.c_embedder.in_layer": "context_embedder.time_text_embed.text_embedder.linear_1",
    "txt_in.c_embedder.out_layer": "context_embedder.time_text_embed.text_embedder.linear_2",
    f"{OLD_REFINER}.self_attn.qkv": REFINED,
    f"{OLD_REFINER}.self_attn.proj": f"{REFINER}.attn.to_out.0",
    "double_blocks.{}.img_mod.lin": f"{DOUBLE}.norm1.linear",
    "double_blocks.{}.txt_mod.lin": f"{DOUBLE}.norm1_context.linear",
    "double_blocks.{}.img_attn.qkv": IMAGE,
    "double_blocks.{}.txt_attn.qkv": TEXT,
    "double_blocks.{}.img_attn.norm.query_norm": f"{DOUBLE}.attn.norm_q",
    "double_blocks.{}.img_attn.norm.key_norm": f"{DOUBLE}.attn.norm_k",
    "double_blocks.{}.txt_attn.norm.query_norm": f"{DOUBLE}.attn.norm_added_q",
    "double_blocks.{}.txt_attn.norm.key_norm": f"{DOUBLE}.attn.norm_added_k",
    "double_blocks.{}.img_attn.proj": f"{DOUBLE}.attn.to_out.0",
    "double_blocks.{}.txt_attn.proj": f"{DOUBLE}.attn.to_add_out",
    "single_blocks.{}.modulation.lin": f"{SINGLE}.norm.linear",
    "single_blocks.{}.norm.query_norm": f"{SINGLE}.attn.norm_q",
    "single_blocks.{}.norm.key_norm": f"{SINGLE}.attn.norm_k",
}


def _of_image(table: Table) -> Table:
    """The same of HunyuanImage, which has no pooled text, but a second text, of what is written in the picture."""

    def renamed(target: str) -> str:
        return "time_guidance_embed" + target.removeprefix("time_text_embed") if target.startswith("time_") else target

    found: Table = {
        old: renamed(rule) if isinstance(rule, str) else rule
        for old, rule in table.items()
        if not old.startswith("vector_in")
    }
    glyphs = {"layernorm": "norm", "fc1": "linear_1", "fc2": "linear_2", "fc3": "linear_3"}
    return found | {f"byt5_in.{old}": f"context_embedder_2.{new}" for old, new in glyphs.items()}


def _apart(table: Table) -> Table:
    """The same of files that keep queries, keys and values each on their own."""
    fused = ("double_blocks.{}.img_attn_qkv", "double_blocks.{}.txt_attn_qkv", "single_blocks.{}.linear1")
    found = {old: rule for old, rule in table.items() if old not in (*fused, "single_blocks.{}.linear2")}
    for side, names in (("img", ("to_q", "to_k", "to_v")), ("txt", ("add_q_proj", "add_k_proj", "add_v_proj"))):
        found |= {
            f"double_blocks.{{}}.{side}_attn_{part}": f"{DOUBLE}.attn.{name}"
            for part, name in zip("qkv", names, strict=True)
        }
    found |= {f"single_blocks.{{}}.linear1_{part}": f"{SINGLE}.attn.to_{part}" for part in "qkv"}
    return found | {
        "single_blocks.{}.linear1_mlp": f"{SINGLE}.proj_mlp",
        "single_blocks.{}.linear2.fc": f"{SINGLE}.proj_out",
    }


IMAGE_PUBLISHED = _apart(_of_image(PUBLISHED))
IMAGE_FUSED = _of_image(PUBLISHED)
IMAGE_LIKE_FLUX = _of_image(LIKE_FLUX)
"""HunyuanImage's layouts: that of publication, and the two of HunyuanVideo."""
