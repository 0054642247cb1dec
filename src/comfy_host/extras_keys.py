"""The modules of ComfyUI's further nodes, ``comfy_extras.nodes_<topic>``, that packs may import."""

TOPICS = frozenset(
    """
    ace advanced_samplers align_your_steps apg ar_video attention_multiply audio audio_encoder camera_trajectory
    canny cfg chroma_radiance clip_sdxl color compositing cond context_windows controlnet cosmos custom_sampler
    differential_diffusion easycache edit_model eps flux freelunch fresca gits hidream hooks hunyuan hunyuan3d
    hypernetwork hypertile image_compare images ip2p latent load_3d logic lora_extract lotus lt lt_upsampler lumina2
    mahiro mask math mochi model_advanced model_downscale model_merging model_merging_model_specific model_patch
    morphology nag nop optimalsteps pag perpneg photomaker pixart post_processing preview_any primitive qwen rebatch
    replacements resolution rope sag sd3 sdupscale slg stable3d stable_cascade string tcfg textgen tomesd toolkit
    torch_compile train upscale_model video video_model wan webcam zimage
    """.split()  # noqa: SIM905 - written one a line they would fill a hundred lines
)
