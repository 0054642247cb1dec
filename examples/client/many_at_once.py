"""Ten users at once, each with a client of their own; the server batches what fits together."""

import asyncio

import arguments

from limner_client import AsyncClient, text_to_image

THINGS = ("apple", "rocket", "guitar", "sunflower", "tiger face", "red heart", "pizza", "owl", "sailboat", "purple car")


async def user(server: str, number: int, model: str) -> bytes:
    async with AsyncClient(server) as client:
        choices = {"width": 128, "height": 128, "steps": 8, "cfg": 3, "seed": number, "output": ("websocket",)}
        result = await client.run(text_to_image(f"a {THINGS[number]}", checkpoint=model, **choices).workflow)
        return result.pictures[0].data


async def main() -> None:
    chosen = arguments.read()
    chosen.out.mkdir(parents=True, exist_ok=True)
    async with AsyncClient(chosen.server) as client:
        model = (await client.models("checkpoints"))[0]
    pictures = await asyncio.gather(*(user(chosen.server, number, model) for number in range(len(THINGS))))
    for number, picture in enumerate(pictures):
        (chosen.out / f"user-{number}.png").write_bytes(picture)
    print(len(pictures), "pictures in", chosen.out)


asyncio.run(main())
