"""An S3 server in a process of its own, which keeps its objects in a folder and can be killed and started again."""

import contextlib
import socket
import subprocess
import sys
import time
from pathlib import Path

READY_SECONDS = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ObjectServer:
    """LocalBucket, from PyPI. It speaks S3's protocol and checks no signatures."""

    def __init__(self, folder: Path, bucket: str = "pictures") -> None:
        self.folder, self.bucket, self.port = folder, bucket, free_port()
        (folder / bucket).mkdir(parents=True)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "localbucket", str(self.folder), "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            time.sleep(0.02)
        raise TimeoutError("the object server does not come up")

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def names(self) -> list[str]:
        """The keys of all objects; what is hidden belongs to uploads that are not complete."""
        root = self.folder / self.bucket
        files = (path.relative_to(root) for path in root.rglob("*") if path.is_file())
        return sorted(str(path) for path in files if not any(part.startswith(".") for part in path.parts))

    def content(self, key: str) -> bytes:
        return (self.folder / self.bucket / key).read_bytes()
