"""webuiapi: every call of its own, scripts, ControlNet and the asynchronous mode."""

import asyncio
import sys
from urllib.parse import urlparse

import webuiapi

address = urlparse(sys.argv[1])
api = webuiapi.WebUIApi(host=address.hostname, port=address.port, sampler="Euler", steps=2)
SMALL = {"prompt": "a red apple", "width": 128, "height": 128, "seed": 3}
READ = (
    "get_options get_cmd_flags get_progress get_samplers get_sd_vae get_upscalers get_latent_upscale_modes get_loras "
    "get_sd_models get_hypernetworks get_face_restorers get_realesrgan_models get_prompt_styles refresh_checkpoints "
    "get_scripts get_embeddings get_memory get_schedulers interrupt skip controlnet_version controlnet_model_list "
    "controlnet_module_list util_get_model_names util_get_sampler_names util_get_scheduler_names util_get_current_model"
)

drawn = api.txt2img(**SMALL)
assert drawn.image.size == (128, 128)
assert drawn.info["seed"] == 3
assert drawn.parameters["steps"] == 2

larger = api.txt2img(
    **SMALL, enable_hr=True, hr_scale=1.5, hr_upscaler=webuiapi.HiResUpscaler.Latent, denoising_strength=0.5
)
assert larger.image.size == (192, 192)

over = api.img2img(images=[drawn.image], prompt="a rose", width=128, height=128, denoising_strength=0.5, seed=2)
assert over.image.size == (128, 128)
masked = api.img2img(
    images=[drawn.image], mask_image=drawn.image.convert("L"), inpainting_fill=1, prompt="a rose", width=128, height=128
)
assert masked.image.size == (128, 128)

plotted = api.txt2img(
    **SMALL,
    script_name="X/Y/Z Plot",
    script_args=[4, "1,2", "", 9, "Euler a, LMS", "", 0, "", "", "True", "False", "False", "False", 0],
)
assert plotted.image.width > 256
looped = api.img2img(
    images=[drawn.image], prompt="a rose", width=128, height=128, script_name="Loopback", script_args=[2]
)
assert len(looped.images) == 2

assert api.extra_single_image(image=drawn.image, upscaler_1=webuiapi.Upscaler.Lanczos).image.size == (256, 256)
batch = api.extra_batch_images(images=[drawn.image, over.image], upscaler_1="Nearest", upscaling_resize=1.5)
assert [picture.size for picture in batch.images] == [(192, 192)] * 2
assert api.png_info(drawn.image).info.startswith("a red apple\n")

for name in READ.split():
    getattr(api, name)()
api.util_set_model("limner-mini")
api.util_wait_for_ready(check_interval=0.1)
assert api.set_options({"jpeg_quality": 80}) is None

hint = api.controlnet_detect(images=[drawn.image], module="canny")
assert hint.image.size[0] == hint.image.size[1]
unit = webuiapi.ControlNetUnit(image=drawn.image, module="reference_only", model="None")
assert api.txt2img(**SMALL, controlnet_units=[unit]).image.size == (128, 128)

try:
    api.txt2img(**SMALL, sampler_name="none such")
except RuntimeError as error:
    assert "Sampler not found" in str(error), error
else:
    raise AssertionError("an unknown sampler was taken")


async def beside() -> None:
    """Several at once, each with its own seed."""
    told = await asyncio.gather(*(api.txt2img(**SMALL | {"seed": seed}, use_async=True) for seed in (1, 2)))
    assert [one.info["seed"] for one in told] == [1, 2]


asyncio.run(beside())
