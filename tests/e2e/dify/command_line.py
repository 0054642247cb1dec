"""What the SDK's PluginRunner starts as ``dify``: it packages plugins, and runs them as Dify's daemon does.

The program that Dify offers for this is no Python package. Between the runner and this there are lines of JSON with an
``invoke_id``; between this and the plugin's process those of the daemon's local mode, with a ``session_id``.
"""

import fnmatch
import json
import os
import subprocess
import sys
import tempfile
import threading
import zipfile
from pathlib import Path

TYPES = {"stream": "plugin_response", "end": "plugin_invoke_end", "error": "error"}


def package(folder: Path, target: Path) -> None:
    """A plugin as one file, without what its .difyignore names."""
    ignored = (folder / ".difyignore").read_text().split()
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            parts = [f"{part}/" for part in name.split("/")[:-1]] + [name.split("/")[-1]]
            if path.is_file() and not any(fnmatch.fnmatch(part, rule) for part in parts for rule in ignored):
                archive.write(path, name)


def run(plugin: Path) -> int:
    """Runs a packaged plugin until the one who asks goes away."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(plugin) as archive:
            archive.extractall(folder)
        process = subprocess.Popen(
            [sys.executable, "main.py"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "INSTALL_METHOD": "local", "HEARTBEAT_INTERVAL": "600"},
        )
        threading.Thread(target=answer, args=(process,), daemon=True).start()
        try:
            for line in sys.stdin:
                asked = json.loads(line)
                data = {**asked["request"], "type": asked["type"], "action": asked["action"]}
                event = {"session_id": asked["invoke_id"], "event": "request", "data": data}
                process.stdin.write(json.dumps(event).encode() + b"\n")
                process.stdin.flush()
        finally:
            process.kill()
            process.wait()
    return 0


def answer(process: "subprocess.Popen[bytes]") -> None:
    """What the plugin says, to the one who asked. The first thing is what it is."""
    for line in process.stdout:
        if not line.strip():
            continue
        said = json.loads(line)
        if "event" not in said:
            tell("", "plugin_ready", {"info": said["name"]})
        elif said["event"] == "session":
            tell(said["session_id"], TYPES[said["data"]["type"]], said["data"]["data"])
        elif said["event"] == "error":
            tell("", "error", said["data"])


def tell(invoke: str, kind: str, response: dict) -> None:
    print(json.dumps({"invoke_id": invoke, "type": kind, "response": response}), flush=True)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["version"]:
            print("0.6.0")
        case ["plugin", "package", folder, "-o", target]:
            package(Path(folder), Path(target))
        case ["plugin", "run", plugin, "--response-format", "json"]:
            sys.exit(run(Path(plugin)))
        case other:
            sys.exit(f"unknown: {other}")
