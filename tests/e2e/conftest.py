"""A whole server in processes of its own, as a person starts it."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

ROOT = Path(__file__).parents[2]
READY_SECONDS = 180.0


class LiveServer:
    """A running ``limner serve`` and the few calls that tests make."""

    def __init__(self, data: Path, *options: str, source: Path = ROOT / "src", port: int = 0) -> None:
        self.data = data
        command = [sys.executable, "-m", "limner", "serve", "--port", str(port), "--data", str(data), *options]
        environment = {**os.environ, "PYTHONPATH": str(source), "OMP_NUM_THREADS": "1", "LIMNER_WARM": "0"}
        self.log = (data.parent / f"{data.name}.log").open("w+")
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment, start_new_session=True
        )
        line = self.process.stdout.readline()
        found = re.search(r"http://\S+", line)
        if found is None:
            raise RuntimeError(f"the server said {line!r}; {(data.parent / f'{data.name}.log').read_text()[-2000:]}")
        self.url = found[0]

    def call(self, path: str, body: Any = None, *, method: str | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, method=method)
        with urllib.request.urlopen(request, timeout=READY_SECONDS) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def submit(self, workflow: dict[str, Any], **extra: Any) -> str:
        """Sends a prompt, waiting until the worker is up."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                return self.call("/prompt", {"prompt": workflow, **extra})["prompt_id"]
            except urllib.error.HTTPError as error:
                if error.code != 503 or time.monotonic() > deadline:
                    raise RuntimeError(error.read().decode()) from error
                time.sleep(0.5)

    def wait(self, job: str, seconds: float = 180.0) -> dict[str, Any]:
        """Polls the history until the job is in it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            entry = self.call(f"/history/{job}").get(job)
            if entry:
                return entry
            time.sleep(0.05)
        raise TimeoutError(job)

    def view(self, image: dict[str, str]) -> bytes:
        query = urllib.parse.urlencode(image)
        with urllib.request.urlopen(f"{self.url}/view?{query}") as answer:
            return answer.read()

    def worker(self) -> int:
        """Process id of the worker."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            for child in psutil.Process(self.process.pid).children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    if child.status() != psutil.STATUS_ZOMBIE:  # a lost one that the server has yet to notice
                        return child.pid
            time.sleep(0.1)
        raise TimeoutError("no worker process")

    def kill(self) -> None:
        """Ends the server as a power cut would; its worker notices by itself."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)  # SIGINT is ignored by what a script began in the background
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stdout.close()
        self.log.close()


@pytest.fixture
def start(tmp_path) -> Iterator[Any]:
    """Starts servers that end with the test."""
    running: list[LiveServer] = []

    def begin(data: Path | None = None, *options: str, **more: Any) -> LiveServer:
        server = LiveServer(data or tmp_path / "data", *options, **more)
        running.append(server)
        return server

    yield begin
    for server in running:
        server.close()


@pytest.fixture
def workflow() -> dict[str, Any]:
    """The tutorial's workflow, as downloaded."""
    return json.loads((ROOT / "tests/golden/workflows/SD1.5_text2image_API.json").read_text())


@pytest.fixture
def quick() -> dict[str, Any]:
    """A workflow that needs no network at all."""
    return {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 48, "batch_size": 1, "color": 0xFF8000}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "quick"}},
    }
