"""The pieces that recipes are put together from: what loads, what says what to draw, the walk, what is kept."""

from collections.abc import Mapping

from limner.dialects.recipes.recipe import CHECKPOINTS, REFERENCES, Draft, Loaded, named_loras, named_references
from limner.graph.graph import Link

PREFIX = "limner"
"""What saved pictures are called."""

SMALLER, QUALITY = ("jpeg", "webp"), 90
"""Formats of smaller files than PNG, and how much of the picture they keep if nothing was said."""

TEXT_LOADERS = {1: "CLIPLoader", 2: "DualCLIPLoader", 3: "TripleCLIPLoader", 4: "QuadrupleCLIPLoader"}
"""By the number of text encoders."""


def loaded(draft: Draft) -> Loaded:
    """What draws, with the LoRAs that were asked for."""
    model = draft.wanted.model
    if model.kind == CHECKPOINTS:
        node = draft.add("CheckpointLoaderSimple", "Model", {"ckpt_name": "model.main"}, ckpt_name=model.name)
        found = Loaded(Link(node, 0), Link(node, 1), Link(node, 2))
    else:
        found = _from_parts(draft)
    for lora in named_loras(draft.wanted.values):
        found = _with_lora(draft, found, str(lora["name"]), float(lora.get("strength", 1.0)))
    return found


def _from_parts(draft: Draft) -> Loaded:
    model, purpose = draft.wanted.model, draft.wanted.model.settings.parts
    if model.name.lower().endswith(".gguf"):
        network = draft.add("UnetLoaderGGUF", "Model", {"unet_name": "model.main"}, unet_name=model.name)
    else:
        network = draft.add(
            "UNETLoader", "Model", {"unet_name": "model.main"}, unet_name=model.name, weight_dtype="default"
        )
    kind = TEXT_LOADERS[len(model.texts) or 1]
    single = len(model.texts) <= 1
    inputs = {"clip_name" if single else f"clip_name{number}": name for number, name in enumerate(model.texts, 1)}
    if kind in ("CLIPLoader", "DualCLIPLoader"):
        inputs["type"] = purpose.purpose if purpose else ""
    texts = draft.add(kind, "Text encoder", None, **inputs)
    draft.mark("model.text_encoder", texts, "clip_name" if single else "clip_name1")
    autoencoder = draft.add("VAELoader", "Autoencoder", {"vae_name": "model.vae"}, vae_name=model.autoencoder)
    return Loaded(Link(network, 0), Link(texts, 0), Link(autoencoder, 0))


def _with_lora(draft: Draft, found: Loaded, name: str, strength: float) -> Loaded:
    node = draft.add(
        "LoraLoader",
        "LoRA",
        model=found.network,
        clip=found.texts,
        lora_name=name,
        strength_model=strength,
        strength_clip=strength,
    )
    draft.mark("lora.list", node, "lora_name")
    return Loaded(Link(node, 0), Link(node, 1), found.autoencoder)


def prompts(draft: Draft, model: Loaded) -> tuple[Link, Link]:
    """What to draw, and what not to."""
    settings = draft.wanted.model.settings
    said = {"text": "prompt.positive"}
    node = draft.add("CLIPTextEncode", "Prompt", said, clip=model.texts, text=settings.prompt)
    positive = Link(node, 0)
    if settings.negative:
        unwanted = {"text": "prompt.negative"}
        negative = draft.add("CLIPTextEncode", "Negative prompt", unwanted, clip=model.texts, text="")
    else:
        negative = draft.add("ConditioningZeroOut", "No negative prompt", conditioning=positive)
    if settings.told:
        guide = {"guidance": "sampler.guidance"}
        positive = Link(
            draft.add("FluxGuidance", "Guidance", guide, conditioning=positive, guidance=settings.guidance), 0
        )
    return positive, Link(negative, 0)


def empty(draft: Draft, *, several: bool = False) -> Link:
    """An empty latent of the size that was asked for. ``several``: it may be several pictures."""
    settings = draft.wanted.model.settings
    roles = {"width": "size.width", "height": "size.height"} | ({"batch_size": "batch.count"} if several else {})
    node = draft.add(settings.latent, "Size", roles, width=settings.size, height=settings.size, batch_size=1)
    return Link(node, 0)


def walked(draft: Draft, model: Loaded, texts: tuple[Link, Link], latent: Link, denoise: float = 1.0) -> Link:
    """The walk from noise to a picture's latent, and the picture."""
    roles = {"seed": "sampler.seed", "steps": "sampler.steps", "denoise": "sampler.denoise"}
    steps = draft.wanted.model.settings.steps
    return sampled(draft, model, texts, latent, title="Sampler", roles=roles, seed=0, steps=steps, denoise=denoise)


def sampled(
    draft: Draft,
    model: Loaded,
    texts: tuple[Link, Link],
    latent: Link,
    *,
    title: str,
    roles: Mapping[str, str],
    **inputs: int | float,
) -> Link:
    """A walk as the model likes it, and the picture.

    Args:
        draft: Where to.
        model: That draws.
        texts: What to draw, and what not to.
        latent: Where it begins.
        title: What people read on it.
        roles: Of what is its own: seed, steps, denoise.
        inputs: The values of these.
    """
    settings = draft.wanted.model.settings
    shared = {"sampler_name": "sampler.name", "scheduler": "sampler.scheduler"}
    node = draft.add(
        "KSampler",
        title,
        {**roles, **shared} if settings.told else {**roles, **shared, "cfg": "sampler.cfg"},
        model=model.network,
        positive=texts[0],
        negative=texts[1],
        latent_image=latent,
        cfg=1.0 if settings.told else settings.guidance,
        sampler_name=settings.sampler,
        scheduler=settings.schedule,
        **inputs,
    )
    return Link(draft.add("VAEDecode", "Decode", samples=Link(node, 0), vae=model.autoencoder), 0)


def kept(draft: Draft, picture: Link) -> None:
    """The picture saved: as PNG, or as what was asked for."""
    wanted = draft.wanted.value("output.format", "png")
    if wanted not in SMALLER:
        draft.add("SaveImage", "Save picture", {"filename_prefix": "output"}, images=picture, filename_prefix=PREFIX)
        return
    roles = {"filename_prefix": "output", "format": "output.format", "quality": "output.quality"}
    draft.add(
        "SaveImageAs",
        "Save picture",
        roles,
        images=picture,
        filename_prefix=PREFIX,
        format=wanted,
        quality=QUALITY,
    )


def shown_beside(draft: Draft) -> list[Link]:
    """Further pictures that the model is to look at, in their order."""
    loaders: list[Link] = []
    for number, name in enumerate(named_references(draft.wanted.values), 2):
        node = draft.add("LoadImage", f"Picture {number}", image=name)
        draft.mark(REFERENCES, node, "image")
        loaders.append(Link(node, 0))
    return loaders


def origin(draft: Draft) -> str:
    """The node that loads the picture to begin with."""
    return draft.add("LoadImage", "Picture", {"image": "image.init"}, image="")


def fitted(draft: Draft, picture: Link) -> Link:
    """A picture in the size that was asked for; what is too much of it is cut off at the edges."""
    side = draft.wanted.model.settings.size
    node = draft.add(
        "ImageScale",
        "Fit to size",
        {"width": "size.width", "height": "size.height"},
        image=picture,
        upscale_method="lanczos",
        width=side,
        height=side,
        crop="center",
    )
    return Link(node, 0)


def encoded(draft: Draft, model: Loaded, picture: Link) -> Link:
    """A picture's latent."""
    return Link(draft.add("VAEEncode", "Encode", pixels=picture, vae=model.autoencoder), 0)


def repainted(
    draft: Draft, model: Loaded, texts: tuple[Link, Link], picture: Link, mask: Link, edge: Link, denoise: float
) -> Link:
    """A picture painted anew where a mask is white, and the same to the pixel where its edge is black."""
    if draft.wanted.model.variant == "inpainting":
        node = draft.add(
            "InpaintModelConditioning",
            "Hole for the model",
            positive=texts[0],
            negative=texts[1],
            vae=model.autoencoder,
            pixels=picture,
            mask=mask,
            noise_mask=True,
        )
        texts, latent = (Link(node, 0), Link(node, 1)), Link(node, 2)
    else:
        samples = encoded(draft, model, picture)
        latent = Link(draft.add("SetLatentNoiseMask", "Paint inside the mask", samples=samples, mask=mask), 0)
    made = walked(draft, model, texts, latent, denoise)
    joined = draft.add(
        "ImageCompositeMasked",
        "Keep the rest",
        destination=picture,
        source=made,
        mask=edge,
        x=0,
        y=0,
        resize_source=False,
    )
    return Link(joined, 0)
