"""Repaints the inside of a mask; the rest stays as it is."""

import arguments

from limner_client import Client

chosen = arguments.read()
with Client(chosen.server) as client:
    nodes = client.nodes()
    model, clip, vae = nodes.CheckpointLoaderSimple(ckpt_name=client.models("checkpoints")[0])
    picture = nodes.EmptyImage(width=128, height=128, color=0x4080FF)
    inside = nodes.SolidMask(value=1.0, width=64, height=64)
    mask = nodes.MaskComposite(
        destination=nodes.SolidMask(value=0.0, width=128, height=128), source=inside, x=32, y=32, operation="add"
    )
    latent = nodes.SetLatentNoiseMask(samples=nodes.VAEEncode(pixels=picture, vae=vae), mask=mask)
    sampled = nodes.KSampler(
        model=model,
        positive=nodes.CLIPTextEncode(text="a sunflower on a blue background", clip=clip),
        negative=nodes.CLIPTextEncode(text="", clip=clip),
        latent_image=latent,
        seed=3,
        steps=16,
        cfg=3,
    )
    decoded = nodes.VAEDecode(samples=sampled, vae=vae)
    pasted = nodes.ImageCompositeMasked(destination=picture, source=decoded, mask=mask)
    result = client.run(nodes.SaveImage(images=pasted, filename_prefix="inpainted"))

print(result.pictures[0].save(chosen.out / "inpainted.png"))
