"""Tensor names by which networks of each model family are known, without the prefix of checkpoints."""

FAMILY_MARKS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("flux2", (r"^double_stream_modulation_img\.lin",), ()),
    ("chroma", (r"^distilled_guidance_layer\.in_proj\.", r"^(img_in|x_embedder)\.weight$"), ()),
    ("hunyuan_image", (r"^img_in\.proj\.weight$", r"^(byt5_in|byt5)\b"), ()),
    ("flux", (r"^img_in\.weight$", r"^vector_in\.in_layer\.", r"^single_blocks\.0\.linear1\."), ()),
    ("flux", (r"^x_embedder\.weight$", r"^time_text_embed\.", r"^single_transformer_blocks\.0\.proj_mlp\."), ()),
    ("auraflow", (r"^register_tokens$", r"^(cond_seq_linear|context_embedder)\.weight$"), ()),
    ("sd3", (r"^pos_embed$", r"^joint_blocks\.0\.x_block\.attn\.qkv\.weight$"), ()),
    ("sd3", (r"^pos_embed\.pos_embed$", r"^transformer_blocks\.0\.norm1_context\.linear\."), (r"^register_tokens$",)),
    ("qwen_image", (r"^txt_norm\.weight$", r"^transformer_blocks\.0\.img_mod\.1\.weight$"), ()),
    ("hidream", (r"^caption_projection\.0\.linear\.", r"^double_stream_blocks\.0\.block\."), ()),
    ("z_image", (r"^x_pad_token$", r"^cap_pad_token$"), ()),
    ("lumina2", (r"^(time_caption_embed\.caption_embedder|cap_embedder)\.1\.weight$", r"^noise_refiner\.0\."), ()),
    ("pixart_sigma", (r"^t_block\.1\.weight$", r"^y_embedder\.y_proj\.fc1\."), (r"^csize_embedder\.",)),
    ("pixart_alpha", (r"^t_block\.1\.weight$", r"^csize_embedder\."), ()),
    (
        "cosmos_predict2",
        (r"^t_embedding_norm\.weight$", r"^x_embedder\.proj\.1\.weight$"),
        (r"^crossattn_proj\.0\.weight$", r"^learnable_pos_embed\.pos_emb_t$"),
    ),
)
"""Families; patterns that are all found; patterns of which none is."""

UNET_OTHERS = r"time_stack|temporal_|^class_embedding\."
"""What UNets have that make no pictures from texts alone, or take something besides."""
