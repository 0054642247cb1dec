"""Transformers made of two of one family, with a share for each block."""

from collections.abc import Iterator

from limner.nodes.merging import SPECIFIC, block_merge


def _numbered(side: str, count: int, before: str = "") -> Iterator[str]:
    return (f"{side}.{before}{number}." for number in range(count))


FLUX = block_merge(
    "ModelMergeFlux1",
    SPECIFIC,
    (
        *("img_in.", "time_in.", "guidance_in", "vector_in.", "txt_in."),
        *_numbered("double_blocks", 19),
        *_numbered("single_blocks", 38),
        "final_layer.",
    ),
)

SD3_ENDS = ("pos_embed.", "x_embedder.", "context_embedder.", "y_embedder.", "t_embedder.")
SD3_MEDIUM = block_merge("ModelMergeSD3_2B", SPECIFIC, (*SD3_ENDS, *_numbered("joint_blocks", 24), "final_layer."))
SD35_LARGE = block_merge("ModelMergeSD35_Large", SPECIFIC, (*SD3_ENDS, *_numbered("joint_blocks", 38), "final_layer."))

AURAFLOW = block_merge(
    "ModelMergeAuraflow",
    SPECIFIC,
    (
        *("init_x_linear.", "positional_encoding", "cond_seq_linear.", "register_tokens", "t_embedder."),
        *_numbered("double_layers", 4),
        *_numbered("single_layers", 32),
        *("modF.", "final_linear."),
    ),
)

QWEN_IMAGE = block_merge(
    "ModelMergeQwenImage",
    SPECIFIC,
    (
        *("pos_embeds.", "img_in.", "txt_norm.", "txt_in.", "time_text_embed."),
        *_numbered("transformer_blocks", 60),
        "proj_out.",
    ),
)

WAN_21 = block_merge(
    "ModelMergeWAN2_1",
    SPECIFIC,
    (
        *("patch_embedding.", "time_embedding.", "time_projection.", "text_embedding.", "img_emb."),
        *_numbered("blocks", 40),
        "head.",
    ),
)

COSMOS_ENDS = ("pos_embedder.", "extra_pos_embedder.", "x_embedder.", "t_embedder.", "affline_norm.")
COSMOS_7B = block_merge(
    "ModelMergeCosmos7B", SPECIFIC, (*COSMOS_ENDS, *_numbered("blocks", 28, "block"), "final_layer.")
)
COSMOS_14B = block_merge(
    "ModelMergeCosmos14B", SPECIFIC, (*COSMOS_ENDS, *_numbered("blocks", 36, "block"), "final_layer.")
)

PREDICT_ENDS = ("pos_embedder.", "x_embedder.", "t_embedder.", "t_embedding_norm.")
COSMOS_PREDICT2_2B = block_merge(
    "ModelMergeCosmosPredict2_2B", SPECIFIC, (*PREDICT_ENDS, *_numbered("blocks", 28), "final_layer.")
)
COSMOS_PREDICT2_14B = block_merge(
    "ModelMergeCosmosPredict2_14B", SPECIFIC, (*PREDICT_ENDS, *_numbered("blocks", 36), "final_layer.")
)

LTXV = block_merge(
    "ModelMergeLTXV",
    SPECIFIC,
    (
        *("patchify_proj.", "adaln_single.", "caption_projection."),
        *_numbered("transformer_blocks", 28),
        *("scale_shift_table", "proj_out."),
    ),
)

MOCHI = block_merge(
    "ModelMergeMochiPreview",
    SPECIFIC,
    (
        *("pos_frequencies.", "t_embedder.", "t5_y_embedder.", "t5_yproj."),
        *_numbered("blocks", 48),
        "final_layer.",
    ),
)
