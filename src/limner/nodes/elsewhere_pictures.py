"""Pictures that other services draw."""

import asyncio
from typing import Annotated

import msgspec
import torch
from torch import Tensor
from torch.nn import functional

from limner.graph.declare import Choice, Flags, Service, Socket, Text, node
from limner.graph.elsewhere import MODELS_ROUTE, Elsewhere, PictureOrder
from limner.graph.progress import Progress
from limner.media.pictures import decode_picture, to_bytes
from limner.media.png import encode_png
from limner.media.resize import resize
from limner.nodes.growing import OWN
from limner.nodes.sockets import IMAGE
from limner.nodes.widgets import LARGEST_SEED, BatchSize, Guidance, Prompt, Seed, Share, SideOrZero, StepNumber

ElsewhereService = Annotated[Elsewhere, Service()]
ProgressService = Annotated[Progress, Service()]
PLAIN_SIDE = 1024

ProviderModel = Annotated[str, Choice(remote={"route": MODELS_ROUTE, "refresh_button": True})]


@node(
    name="PictureFromProvider",
    title="Picture from Provider",
    category="image/elsewhere",
    module=OWN,
)
async def picture_from_provider(
    *,
    model: ProviderModel,
    prompt: Prompt = "",
    negative: Prompt = "",
    width: SideOrZero = 1024,
    height: SideOrZero = 1024,
    seed: Seed = 0,
    count: BatchSize = 1,
    steps: StepNumber = 0,
    guidance: Guidance = 0.0,
    strength: Share = 1.0,
    sampler: Annotated[str, Text(), Flags(optional=True)] = "",
    schedule: Annotated[str, Text(), Flags(optional=True)] = "",
    image: Annotated[Tensor | None, Socket("IMAGE"), Flags(optional=True)] = None,
    mask: Annotated[Tensor | None, Socket("MASK"), Flags(optional=True)] = None,
    elsewhere: ElsewhereService,
    progress: ProgressService,
) -> IMAGE:
    """A picture that another service draws, as ``providers.yaml`` says.

    What a service has no field for (a seed, steps, a sampler) does not reach it. With an image it is painted over, with
    a mask only where that is white. Zero steps or guidance: as the service thinks best; zero width or height: as the
    image is.
    """
    own = (image.shape[2], image.shape[1]) if image is not None else (PLAIN_SIDE, PLAIN_SIDE)
    order = PictureOrder(
        model=model,
        prompt=prompt,
        negative=negative,
        width=width or own[0],
        height=height or own[1],
        seed=seed,
        steps=steps,
        guidance=guidance,
        sampler=sampler,
        schedule=schedule,
        strength=strength,
        image=b"" if image is None else encode_png(to_bytes(image[0])),
        mask=b"" if mask is None or image is None else _grey(mask, (image.shape[1], image.shape[2])),
    )
    return _together(await _drawn(order, count, elsewhere, progress))


async def _drawn(order: PictureOrder, count: int, elsewhere: Elsewhere, progress: Progress) -> list[Tensor]:
    """Several pictures, asked for at once; each has the seed after the one before."""
    done = 0

    async def draw(number: int) -> Tensor:
        nonlocal done
        seed = (order.seed + number) % (LARGEST_SEED + 1)
        content = await elsewhere.draw(msgspec.structs.replace(order, seed=seed), progress)
        done += 1
        progress.report(done, count)
        return decode_picture(content, f"the answer of {order.model}").images[:1]

    progress.report(0, count)
    tasks = [asyncio.ensure_future(draw(number)) for number in range(count)]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _together(pictures: list[Tensor]) -> Tensor:
    """Pictures as one batch, those of another size brought to the first one's. Shapes: each [1 h w 3]."""
    height, width = pictures[0].shape[1:3]
    return torch.cat(
        [
            resize(picture.movedim(-1, 1), width, height, "lanczos", "center").movedim(1, -1)
            if picture.shape[1:3] != (height, width)
            else picture
            for picture in pictures
        ]
    )


def _grey(mask: Tensor, size: tuple[int, int]) -> bytes:
    """The first mask as a grey PNG of an image's size. Shapes: mask [b h w] or [h w]."""
    first = mask.reshape(-1, 1, *mask.shape[-2:])[:1]
    if tuple(first.shape[-2:]) != size:
        first = functional.interpolate(first, size=size, mode="bilinear")
    return encode_png(to_bytes(first[0, 0, ..., None]))
