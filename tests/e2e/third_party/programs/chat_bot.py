"""comfyui-utils: queue position, progress, result, the same from the cache, and the file."""

import asyncio
import json
import sys
from pathlib import Path

from comfyui_utils import comfy

URL, WORKFLOW = sys.argv[1:3]


class Told(comfy.Callbacks):
    def __init__(self):
        self.positions, self.steps, self.outputs = [], [], None

    async def queue_position(self, position):
        self.positions.append(position)

    async def in_progress(self, node_id, progress, total):
        self.steps.append((node_id, progress, total))

    async def completed(self, outputs, cached):
        self.outputs = outputs


async def main():
    api = comfy.ComfyAPI(URL.removeprefix("http://"))
    graph = json.loads(Path(WORKFLOW).read_text())
    graph["3"]["inputs"]["seed"] = 31
    first, second = Told(), Told()
    await api.submit(graph, first)
    await asyncio.sleep(
        0.5
    )  # it insists on at most one running job, and tells the end before the job has left the list
    await api.submit(graph, second)
    assert first.positions
    assert (3, 4, 4) in first.steps, first.steps
    assert first.outputs == second.outputs
    sizes = []

    async def loaded(stream):
        sizes.append(len(stream.read()))

    await api.fetch(first.outputs["images"][0], loaded)
    assert sizes[0] > 1000


asyncio.run(main())
