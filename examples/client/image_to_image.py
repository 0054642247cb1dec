"""Uploads a picture and paints over it: the more noise, the less of it stays."""

import io

import arguments
from PIL import Image, ImageDraw

from limner_client import Client

sketch = Image.new("RGB", (128, 128), "white")
ImageDraw.Draw(sketch).ellipse((24, 30, 104, 116), fill="red")
data = io.BytesIO()
sketch.save(data, "PNG")

chosen = arguments.read()
with Client(chosen.server) as client:
    nodes = client.nodes()
    uploaded = client.upload(data.getvalue(), "sketch.png", overwrite=True)
    model, clip, vae = nodes.CheckpointLoaderSimple(ckpt_name=client.models("checkpoints")[0])
    latent = nodes.VAEEncode(pixels=nodes.LoadImage(image=uploaded.filename), vae=vae)
    for denoise in (0.5, 0.9):
        sampled = nodes.KSampler(
            model=model,
            positive=nodes.CLIPTextEncode(text="a red apple", clip=clip),
            negative=nodes.CLIPTextEncode(text="", clip=clip),
            latent_image=latent,
            seed=1,
            steps=16,
            cfg=3,
            denoise=denoise,
        )
        saved = nodes.SaveImage(images=nodes.VAEDecode(samples=sampled, vae=vae), filename_prefix="painted-over")
        print(client.run(saved).pictures[0].save(chosen.out / f"painted-over-{denoise}.png"))
