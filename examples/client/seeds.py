"""Six seeds at once: jobs are submitted first and waited for afterwards, so that the server can batch them."""

import arguments
from PIL import Image

from limner_client import Client, text_to_image

SIDE = 128

chosen = arguments.read()
with Client(chosen.server) as client:
    model = client.models("checkpoints")[0]
    sheet = Image.new("RGB", (3 * SIDE, 2 * SIDE))
    jobs = [
        client.submit(
            text_to_image(
                "a rocket", checkpoint=model, width=SIDE, height=SIDE, cfg=3, steps=12, seed=seed, output=("websocket",)
            ).workflow
        )
        for seed in range(6)
    ]
    for place, job in enumerate(jobs):
        picture = job.wait().pictures[0].to_pil()
        sheet.paste(picture, (place % 3 * SIDE, place // 3 * SIDE))

chosen.out.mkdir(parents=True, exist_ok=True)
sheet.save(chosen.out / "rockets.png")
print(chosen.out / "rockets.png")
