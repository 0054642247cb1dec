"""Everything that comfy-api-simplified offers."""

import asyncio
import io
import sys

from comfy_api_simplified import ComfyApiWrapper, ComfyWorkflowWrapper
from comfy_api_simplified.exceptions import ComfyApiError
from PIL import Image

URL, WORKFLOW = sys.argv[1:3]
api = ComfyApiWrapper(f"{URL}/")

assert api.get_system_stats()["devices"]
assert api.get_embeddings() == []
assert set(api.get_queue()) == {"queue_running", "queue_pending"}
assert len(api.get_object_info()) > 300
assert list(api.get_object_info("KSampler")) == ["KSampler"]

workflow = ComfyWorkflowWrapper(WORKFLOW)
workflow.set_node_param("KSampler", "seed", 77)
(picture,) = api.queue_and_wait_images(workflow, "Save Image").values()
assert Image.open(io.BytesIO(picture)).size == (128, 128)

Image.new("RGB", (64, 64), "red").save("red.png")
stored = api.upload_image("red.png", "some folder")
assert stored["subfolder"] == "some folder"
loading = {"class_type": "LoadImage", "inputs": {"image": f"{stored['subfolder']}/{stored['name']}"}}
telling = {"class_type": "SaveImageWebsocket", "inputs": {"images": ["1", 0]}, "_meta": {"title": "out"}}
told = ComfyWorkflowWrapper({"1": {**loading, "_meta": {"title": "in"}}, "2": telling})
job, pictures = asyncio.run(api.queue_prompt_and_wait(told))
assert [Image.open(io.BytesIO(one)).size for one in pictures] == [(64, 64)]
assert api.get_history(job)[job]["status"]["status_str"] == "success"
api.interrupt()

for title, name, value, expected in [
    ("KSampler", "sampler_name", "nobody's", "400"),
    ("Save Image", "filename_prefix", "../../out", "rror"),
]:
    wrong = ComfyWorkflowWrapper(WORKFLOW)
    wrong.set_node_param(title, name, value)
    try:
        api.queue_and_wait_images(wrong, "Save Image")
    except ComfyApiError as error:
        assert expected in str(error), error
    else:
        raise AssertionError(f"{name}: no error")
