"""Events and previews while a picture is made."""

import arguments

from limner_client import Client, Preview, Progress, text_to_image

chosen = arguments.read()
chosen.out.mkdir(parents=True, exist_ok=True)
with Client(chosen.server) as client:
    model = client.models("checkpoints")[0]
    job = client.submit(text_to_image("a sailboat", checkpoint=model, width=128, height=128, steps=8, cfg=3).workflow)
    print("accepted:", job.id)
    seen = 0
    for event in job.events():
        if isinstance(event, Progress):
            print(f"node {event.node}: {event.value:.0f} of {event.total:.0f}")
        elif isinstance(event, Preview):
            seen += 1
            (chosen.out / f"preview-{seen}.jpg").write_bytes(event.image)
        elif event.type in ("execution_start", "execution_cached", "execution_success"):
            print(event.type)
    print(job.result().pictures[0].save(chosen.out / "sailboat.png"), "and", seen, "previews")
