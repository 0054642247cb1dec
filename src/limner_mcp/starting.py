"""The server behind the tools: whether one answers, and starting one if none does."""

import contextlib
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator

from limner_client import UnreachableError

ANSWER_SECONDS = 3.0
START_SECONDS = 120.0
LOOK_SECONDS = 0.2
STOP_SECONDS = 1.0
"""How long a server is waited for that was told to stop: hosts do not wait for their tools. It goes on by itself."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def answers(server: str) -> bool:
    """Whether anybody answers at an address, if only to ask for a key."""
    try:
        with urllib.request.urlopen(f"{server}/system_stats", timeout=ANSWER_SECONDS):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def wants_key(server: str) -> bool:
    """Whether a server asks for a key; one that does not answer might."""
    try:
        with urllib.request.urlopen(f"{server}/system_stats", timeout=ANSWER_SECONDS):
            return False
    except OSError:  # HTTPError is one.
        return True


@contextlib.contextmanager
def started(server: str) -> Iterator[None]:
    """A server that is there until the end; one that was running before goes on.

    Raises:
        UnreachableError: if none can be started at that address.
    """
    if answers(server):
        yield
        return
    where = urllib.parse.urlsplit(server)
    if where.hostname not in LOOPBACK:
        raise UnreachableError(f"{server} does not answer, and --start starts servers on this machine only.")
    command = [sys.executable, "-m", "limner", "serve", "--host", where.hostname, "--port", str(where.port or 80)]
    # What it prints would disturb the protocol, which has this process's standard output to itself.
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL, env=os.environ)
    before = signal.signal(
        signal.SIGTERM, lambda *_: sys.exit(0)
    )  # Hosts end their tools so; the server ends with them.
    try:
        _wait(process, server)
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(STOP_SECONDS)


def _wait(process: subprocess.Popen[bytes], server: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(server):
        if process.poll() is not None:
            raise UnreachableError(f"`limner serve` ended with status {process.returncode} before it answered.")
        if time.monotonic() > deadline:
            raise UnreachableError(f"`limner serve` did not answer at {server} within {START_SECONDS:g} s.")
        time.sleep(LOOK_SECONDS)
