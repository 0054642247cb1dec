"""How fast and how small the server is before a worker is up: ``python bench/start.py``.

Starts ``limner serve`` in an empty folder, asks ``/system_stats`` until it answers, and reads the CPU time and the
resident memory of the server's own process (not of its worker) from /proc. Then waits for the worker's catalog.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

CPU_LIMIT = 1.0
MEMORY_LIMIT = 150.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8399)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--worker-wait", type=float, default=120.0, metavar="SECONDS", help="0: do not wait for it")
    arguments = parser.parse_args()
    good = True
    print(f"{'run':>3} {'answers after s':>16} {'CPU s':>7} {'RSS MB':>7} {'threads':>8} {'worker up after s':>18}")
    for number in range(arguments.runs):
        wait = arguments.worker_wait if number == 0 else 0.0
        good &= measure(number, arguments.port + number, wait)
    print(f"limits: CPU {CPU_LIMIT} s, RSS {MEMORY_LIMIT} MB: {'kept' if good else 'EXCEEDED'}")
    return 0 if good else 1


def measure(number: int, port: int, worker_wait: float) -> bool:
    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("wb") as log:
        began = time.monotonic()
        command = [sys.executable, "-m", "limner", "serve", "--data", folder, "--port", str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            ready = wait_for(server, port, began, 30.0, worker=False)
            cpu, memory, threads = read_process(server.pid)
            up = wait_for(server, port, began, worker_wait, worker=True) if worker_wait and ready else None
        finally:
            server.terminate()
            server.wait(30)
        if ready is None:
            print(Path(folder, "log").read_text()[-2000:])
            return False
    shown = "not waited for" if not worker_wait else f"{up:.2f}" if up else "never"
    print(f"{number + 1:>3} {ready:>16.2f} {cpu:>7.2f} {memory:>7.1f} {threads:>8} {shown:>18}", flush=True)
    return cpu < CPU_LIMIT and memory < MEMORY_LIMIT


def wait_for(server: subprocess.Popen, port: int, began: float, seconds: float, *, worker: bool) -> float | None:
    """Seconds from the start to the first answer, or to the one that says that the worker is up."""
    while time.monotonic() - began < seconds and server.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/system_stats", timeout=5) as answer:
                stats = json.load(answer)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            stats = None
        if stats and (not worker or stats["limner"]["worker"] == "ready"):
            return time.monotonic() - began
        time.sleep(0.02)
    return None


def read_process(pid: int) -> tuple[float, float, int]:
    """CPU seconds, resident megabytes and threads of a process, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 1e6, int(fields[17])


if __name__ == "__main__":
    sys.exit(main())
