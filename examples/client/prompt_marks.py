"""``BREAK`` joins texts, ``AND`` combines them, ``<lora:name:weight>`` loads a LoRA: what they become."""

import arguments

from limner_client import Client, text_to_image

chosen = arguments.read()
with Client(chosen.server) as client:
    model = client.models("checkpoints")[0]
    marked = text_to_image(
        "a cat <lora:watercolour:0.8> BREAK soft light AND a blue background",
        "text <lora:clean:0.5>",
        checkpoint=model,
        clip_skip=2,
    )
    for node in marked.workflow:
        links = {name: output.node.class_type for name, output in node.links()}
        print(f"{node.class_type:24} {links}")
    print("LoRAs:", marked.info["loras"])
    plain = text_to_image("a cat AND a blue background", checkpoint=model, width=128, height=128, steps=12, cfg=3)
    print(client.run(plain.workflow).pictures[0].save(chosen.out / "combined.png"))
