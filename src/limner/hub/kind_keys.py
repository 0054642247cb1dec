"""Which tensor names tell what a file is, and which folders of hubs mean which kind: facts about published files."""

from collections.abc import Mapping

FOLDERS: Mapping[str, str] = {
    "checkpoints": "checkpoints",
    "checkpoint": "checkpoints",
    "all_in_one": "checkpoints",
    "diffusion_models": "diffusion_models",
    "diffusion_model": "diffusion_models",
    "unet": "diffusion_models",
    "transformer": "diffusion_models",
    "text_encoders": "text_encoders",
    "text_encoder": "text_encoders",
    "text_encoder_2": "text_encoders",
    "text_encoder_3": "text_encoders",
    "clip": "text_encoders",
    "vae": "vae",
    "vae_approx": "vae_approx",
    "loras": "loras",
    "lora": "loras",
    "controlnet": "controlnet",
    "controlnets": "controlnet",
    "t2i_adapter": "controlnet",
    "clip_vision": "clip_vision",
    "image_encoder": "clip_vision",
    "style_models": "style_models",
    "ipadapter": "ipadapter",
    "ipadapters": "ipadapter",
    "ip_adapter": "ipadapter",
    "ip-adapter": "ipadapter",
    "embeddings": "embeddings",
    "upscale_models": "upscale_models",
    "latent_upscale_models": "latent_upscale_models",
    "model_patches": "model_patches",
    "audio_encoders": "audio_encoders",
    "hypernetworks": "hypernetworks",
    "photomaker": "photomaker",
    "gligen": "gligen",
    "background_removal": "background_removal",
    "detection": "detection",
    "frame_interpolation": "frame_interpolation",
    "geometry_estimation": "geometry_estimation",
    "optical_flow": "optical_flow",
}
"""A folder in a repository, and the kind of the files in it."""

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

LANGUAGE_MODELS: frozenset[str] = frozenset(
    {
        *("t5", "t5encoder", "umt5", "llama", "clip", "bert", "gemma", "gemma2", "gemma3", "qwen2", "qwen2vl"),
        *("qwen3", "qwen3vl", "mistral", "mistral3", "chatglm"),
    }
)
"""Architectures of GGUF files that hold text encoders; all others that picture programs use are diffusion models."""

CIVITAI: Mapping[str, str] = {
    "Checkpoint": "checkpoints",
    "TextualInversion": "embeddings",
    "Hypernetwork": "hypernetworks",
    "LORA": "loras",
    "LoCon": "loras",
    "DoRA": "loras",
    "Controlnet": "controlnet",
    "Upscaler": "upscale_models",
    "VAE": "vae",
    "Detection": "detection",
}
"""Types of models as CivitAI names them."""
