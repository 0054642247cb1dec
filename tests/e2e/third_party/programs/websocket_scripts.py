"""Post and forget; wait on the socket and fetch; pictures on the socket."""

import io
import json
import sys
import urllib.parse
import urllib.request
from pathlib import Path

import websocket
from PIL import Image

URL, WORKFLOW = sys.argv[1:3]
NODE = "save_image_websocket_node"


def post(body):
    with urllib.request.urlopen(urllib.request.Request(f"{URL}/prompt", data=json.dumps(body).encode())) as answer:
        return json.loads(answer.read())


def until_end(socket, job):
    node, frames = None, []
    while True:
        frame = socket.recv()
        if not isinstance(frame, str):
            frames.append((node, frame))
            continue
        message = json.loads(frame)
        if message["type"] == "executing" and message["data"].get("prompt_id") == job:
            node = message["data"]["node"]
            if node is None:
                return frames


graph = json.loads(Path(WORKFLOW).read_text())
graph["3"]["inputs"]["seed"] = 11
post({"prompt": graph})

socket = websocket.WebSocket()
socket.connect(f"{URL.replace('http', 'ws')}/ws?clientId=script", timeout=60)
graph["3"]["inputs"]["seed"] = 2**64 - 1
job = post({"prompt": graph, "client_id": "script"})["prompt_id"]
assert until_end(socket, job) == []
with urllib.request.urlopen(f"{URL}/history/{job}") as answer:
    outputs = json.loads(answer.read())[job]["outputs"]
(image,) = [image for output in outputs.values() for image in output["images"]]
with urllib.request.urlopen(f"{URL}/view?{urllib.parse.urlencode(image)}") as answer:
    assert Image.open(io.BytesIO(answer.read())).size == (128, 128)

del graph["9"]
graph[NODE] = {"class_type": "SaveImageWebsocket", "inputs": {"images": ["8", 0]}}
graph["3"]["inputs"]["seed"] = 12
((node, frame),) = until_end(socket, post({"prompt": graph, "client_id": "script"})["prompt_id"])
assert node == NODE
assert Image.open(io.BytesIO(frame[8:])).format == "PNG"
socket.close()
