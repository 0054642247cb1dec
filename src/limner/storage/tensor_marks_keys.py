"""Tensor names by which files of each kind of model are known."""

MARKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ipadapter", (r"^image_proj\.", r"^ip_adapter_proj_model\.")),
    ("model_patches", (r"^(high|mid|low)_embedding_linear\.", r"^controlnet_blocks\.\d+\.x_rms\.")),
    ("latent_upscale_models", (r"^initial_conv\.weight$", r"^post_upsample_res_blocks\.")),
    ("loras", (r"\blora_(down|up|A|B|unet|te\d?)", r"\.(lora_down|lora_up|lora_A|lora_B|hada_w1_a|lokr_w[12])\b")),
    ("loras", (r"\boft_blocks$", r"\boft_diag$", r"\bdiff_b?$", r"_lora\.(down|up)\.weight$")),
    ("controlnet", (r"\bcontrol_model\.", r"\bcontrolnet_(cond|down|mid|blocks|x_embedder)", r"\binput_hint_block\.")),
    ("controlnet", (r"^adapter\.body\.", r"^body\.\d+\.(in_conv|block1)\.")),
    ("checkpoints", (r"^model\.diffusion_model\..*", r"^(first_stage_model|cond_stage_model|conditioner)\.")),
    ("checkpoints", (r"^model\.diffusion_model\.", r"^(vae|text_encoders)\.")),
    ("gligen", (r"\bfuser\.", r"^position_net\.")),
    ("upscale_models", (r"^(conv_first|model\.0)\.weight$", r"^(RRDB_trunk|body)\.\d+\.(RDB|rdb)1")),
    ("style_models", (r"^(redux_(up|down)\.|style_embedding$)",)),
    ("text_encoders", (r"\btext_model\.encoder\.layers\.", r"^encoder\.block\.\d+\.layer\.0\.SelfAttention\.")),
    (
        "text_encoders",
        (r"^(model\.)?(language_model\.)?layers\.\d+\.self_attn\.", r"^blk\.\d+\.attn_q\.", r"^enc\.blk\."),
    ),
    ("clip_vision", (r"^(image_encoder\.)?(vision_model|visual)\.",)),
    ("text_encoders", (r"^transformer\.resblocks\.",)),
    ("vae", (r"^(first_stage_model\.)?decoder\.(up|up_blocks|mid|mid_block|conv_in|upsamples|middle)\b",)),
    ("diffusion_models", (r"^(model\.diffusion_model\.|diffusion_model\.)",)),
    (
        "diffusion_models",
        (r"\b(double_blocks|single_blocks|joint_blocks|transformer_blocks|single_transformer_blocks)\.",),
    ),
    ("diffusion_models", (r"^(input_blocks|down_blocks)\.\d+\.", r"^blocks\.\d+\.(self_attn|cross_attn|attn)\.")),
    ("diffusion_models", (r"^(noise_refiner|context_refiner|caption_embedder|cap_embedder)\b",)),
    ("embeddings", (r"^(emb_params|clip_[lgh]|string_to_param|\*)$",)),
    ("hypernetworks", (r"^(768|1024|320|640|1280)\.",)),
)
"""Kinds and regular expressions of tensor names, the surest first; any of a row's is enough, but for checkpoints."""
