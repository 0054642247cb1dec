"""A picture in five lines."""

import arguments

from limner_client import Client, text_to_image

chosen = arguments.read()
with Client(chosen.server) as client:
    model = client.models("checkpoints")[0]
    built = text_to_image("a red apple on a blue background", checkpoint=model, width=128, height=128, cfg=3, seed=1)
    result = client.run(built.workflow)

print(f"{model}, seed {built.info['seed']}, {result.seconds:.1f} s")
print(result.pictures[0].save(chosen.out / "apple.png"))
