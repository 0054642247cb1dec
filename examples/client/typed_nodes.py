"""A workflow from nodes that know their arguments. ``limner client stubs -o my_nodes.py`` gives editors the same."""

import arguments

from limner_client import Client, ClientError, Workflow

chosen = arguments.read()
with Client(chosen.server) as client:
    nodes = client.nodes()
    print(len(nodes), "node types, for instance:", nodes["KSampler"].doc.splitlines()[0])
    try:
        nodes.EmptyImage(widht=64)
    except ClientError as error:
        print("a typing mistake:", error)
    left = nodes.EmptyImage(width=64, height=64, color=0xFF8000)
    right = nodes.ImageInvert(image=left)
    both = nodes.ImageStitch(image1=left, image2=right, direction="right")
    workflow = Workflow.of(nodes.SaveImage(images=both, filename_prefix="stitched", title="Keep"))
    print(client.run(workflow).pictures[0].save(chosen.out / "stitched.png"))
