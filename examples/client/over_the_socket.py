"""Pictures come over the socket: nothing is written on the server."""

import arguments

from limner_client import Client, text_to_image

chosen = arguments.read()
with Client(chosen.server) as client:
    model = client.models("checkpoints")[0]
    choices = {"width": 128, "height": 128, "steps": 10, "cfg": 3, "batch_size": 2, "output": ("websocket",)}
    result = client.run(text_to_image("a christmas tree", checkpoint=model, **choices).workflow)
    print("files on the server:", result.files)
    for number, picture in enumerate(result.pictures):
        print(picture.save(chosen.out / f"tree-{number}.png"), picture.media_type)
