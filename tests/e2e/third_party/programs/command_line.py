"""comfy-cli: run, upload, nodes, refusals. Its other commands look for a server on port 8188."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

URL, WORKFLOW = sys.argv[1:3]
ADDRESS = ["--host", "127.0.0.1", "--port", str(urlsplit(URL).port)]
COMFY = [str(Path(sys.executable).with_name("comfy")), "--skip-prompt", "--json"]


def comfy(*arguments, ok=True):
    done = subprocess.run([*COMFY, *arguments, *ADDRESS], capture_output=True, text=True, timeout=120)
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["ok"] is ok, told
    return told["data"] if ok else told["error"]


subprocess.run([COMFY[0], "--skip-prompt", "tracking", "disable"], capture_output=True, timeout=120)
done = comfy("run", "--workflow", WORKFLOW, "--wait")
assert done["status"] == "completed"
assert done["outputs"][0].startswith(f"{URL}/view?"), done
assert comfy("run", "--prompt", "a cat", "--wait")["outputs"]
Path("note.png").write_bytes(b"not a picture, but a file")
assert comfy("upload", "note.png", "--overwrite")["uploads"][0]["type"] == "input"

graph = json.loads(Path(WORKFLOW).read_text())
graph["9"]["class_type"] = "NobodyKnowsIt"
Path("unknown.json").write_text(json.dumps(graph))
assert "NobodyKnowsIt" in json.dumps(comfy("run", "--workflow", "unknown.json", "--wait", ok=False))
graph["9"]["class_type"] = "SaveImage"
graph["9"]["inputs"]["filename_prefix"] = "../../out"
Path("outside.json").write_text(json.dumps(graph))
assert "outside" in json.dumps(comfy("run", "--workflow", "outside.json", "--wait", ok=False))
