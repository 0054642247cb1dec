"""Changes a saved workflow (API format) by class and by title, and runs it."""

from pathlib import Path

import arguments

from limner_client import Client, Workflow

chosen = arguments.read()
workflow = Workflow.load(Path(__file__).parents[1] / "text-to-image.json")
with Client(chosen.server) as client:
    workflow.find(class_type="CheckpointLoaderSimple").inputs["ckpt_name"] = client.models("checkpoints")[0]
    sampler = workflow.find(class_type="KSampler")
    sampler.inputs |= {"seed": 5, "steps": 12}
    positive = sampler.inputs["positive"].node
    for text in ("a red heart", "a grinning face"):
        positive.inputs["text"] = text
        print(client.run(workflow).pictures[0].save(chosen.out / f"{text.replace(' ', '-')}.png"))
