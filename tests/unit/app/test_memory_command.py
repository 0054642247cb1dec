"""``limner memory`` in the words of people."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from limner.app.command import main
from limner.app.commands.memory import report

GIB = 1 << 30
DEVICE = {"device": "cuda", "capacity": 8 * GIB, "bytes": 3 * GIB, "total": 10 * GIB, "free": 6 * GIB, "tested": False}
ENTRY = {
    "what": "a (sdxl)",
    "device": "cuda",
    "bytes": 2 * GIB,
    "mapped": 0,
    "whole": 5 * GIB,
    "placement": "12 of 70 blocks resident",
    "why": "denoising",
    "since": 0.0,
    "load_seconds": 1.5,
    "idle_seconds": 0.0,
    "leases": 1,
    "work": GIB,
}
IDLE = ENTRY | {
    "what": "b (vae)",
    "bytes": GIB,
    "mapped": GIB,
    "placement": "whole",
    "leases": 0,
    "work": 0,
}
WORKER = {"name": "worker-0", "up": True, "results": {"bytes": 5 << 20}, "devices": [DEVICE], "entries": [IDLE, ENTRY]}
TOLD = {
    "ram": {"total": 24 * GIB, "free": 12 * GIB},
    "workers": [WORKER, {"name": "worker-1", "up": False, "reason": "it starts"}],
}

EXPECTED = """\
main memory: 12.00 GiB of 24.00 GiB free
worker-0: results of nodes 5.0 MiB
  cuda: networks hold 3.00 GiB, may hold 8.00 GiB; 6.00 GiB of 10.00 GiB free; untested kind of device
      2.00 GiB  a (sdxl): 12 of 70 blocks resident; in use: denoising, working memory 1.00 GiB; loaded in 1.5 s
      1.00 GiB  b (vae): whole (1.00 GiB in the mapped file); idle 0 s; loaded in 1.5 s
worker-1: not up (it starts)"""


def test_report():
    assert "\n".join(report(TOLD)) == EXPECTED


@pytest.fixture
def server():
    """Answers like a server."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self):
            assert self.path == "/limner/memory"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(TOLD).encode())

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Answering) as made:
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{made.server_port}"
        made.shutdown()


def test_asks_a_server(server, capsys):
    assert main(["memory", "--server", server]) == 0
    assert capsys.readouterr().out.strip() == EXPECTED
    assert main(["memory", "--server", server, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == TOLD


def test_nobody_there(capsys):
    assert main(["memory", "--server", "http://127.0.0.1:9"]) == 1
    assert "Is `limner serve` running there?" in capsys.readouterr().err
