"""Priorities, cancelling, and what errors look like."""

import arguments

from limner_client import Client, JobInterruptedError, RefusedError, Workflow, text_to_image

chosen = arguments.read()
with Client(chosen.server) as client:
    model = client.models("checkpoints")[0]

    def picture(prompt: str, steps: int = 6) -> Workflow:
        return text_to_image(prompt, checkpoint=model, width=128, height=128, steps=steps, cfg=3).workflow

    slow = client.submit(picture("a slow one", steps=400))
    urgent = client.submit(picture("a red heart"), front=True)
    print("urgent:", urgent.wait().pictures[0].save(chosen.out / "urgent.png"))

    slow.cancel()
    try:
        slow.wait()
    except JobInterruptedError as error:
        print("cancelled:", error)

    broken = picture("x")
    broken.find(class_type="KSampler").inputs["steps"] = 0
    try:
        client.submit(broken)
    except RefusedError as error:
        print("refused:", error)
