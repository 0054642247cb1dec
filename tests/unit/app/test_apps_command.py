"""``limner apps``: what is written on the command line becomes what a server is sent."""

import ssl
import threading
from http.client import RemoteDisconnected
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import URLError

import msgspec
import pytest
from aiohttp import ServerDisconnectedError

from limner.app.asking import Asking, unreachable
from limner.app.command import main


class Handler(BaseHTTPRequestHandler):
    """Keeps what it is asked, and answers what the test says."""

    def do_GET(self):
        size = int(self.headers.get("Content-Length") or 0)
        kept = (self.command, self.path, self.headers["Authorization"], self.rfile.read(size))
        self.server.asked.append((*kept, self.headers["Content-Type"]))
        status, body = self.server.answers.pop(0)
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - names of the standard library

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("LIMNER_KEY", raising=False)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.answers = [], []
        server.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def json(**fields):
    return 200, msgspec.json.encode(fields)


ENTRY = {
    "name": "cats", "version": 2, "title": "Cats", "description": "", "urls": {"run": "r", "openapi": "o"},
    "inputs": [{"name": "prompt", "type": "text", "required": True, "places": ["2.text"]}],
}  # fmt: skip


def test_a_workflow_and_what_is_said_of_it_are_sent_as_a_form(server, tmp_path, capsys):
    (tmp_path / "w.json").write_text('{"1": 2}')
    (tmp_path / "d.json").write_text('{"outputs": ["3"]}')
    missing = {"models": [{"name": "a.safetensors", "kind": "vae"}], "nodes": [{"class_type": "Odd", "nodes": ["1"]}]}
    server.answers = [json(**ENTRY), json(missing=missing)]
    files = [str(tmp_path / "w.json"), "--declaration", str(tmp_path / "d.json"), "--image-ids", "3,1"]
    assert main(["apps", "add", "cats", *files, "--server", server.url, "--key", "k"]) == 0
    method, path, key, body, kind = server.asked[0]
    assert (method, path, key, kind.partition(";")[0]) == ("PUT", "/apps/cats", "Bearer k", "multipart/form-data")
    assert b'{"1": 2}' in body
    assert b'{"outputs": ["3"], "image_ids": "3,1"}' in body
    told = capsys.readouterr().out
    assert "prompt (text, needed): 2.text" in told
    assert server.asked[1][:2] == ("POST", "/apps/cats/check")
    assert "a.safetensors is not in vae" in told
    assert "no node here is a Odd" in told


def test_a_run_is_asked_for_until_it_is_over_and_its_files_are_fetched(server, tmp_path, capsys):
    (tmp_path / "a.png").write_bytes(b"png")
    file = {"url": f"{server.url}/view?x", "filename": "b.png"}
    over = {"id": "7", "error": None, "texts": ["said"], "notes": ["odd"]}
    server.answers = [
        json(id="7", status="running", outputs=[], error=None),
        json(**over, status="succeeded", outputs=[file]),
        (200, b"drawn"),
    ]
    values = ["prompt=a=b", f"image=@{tmp_path / 'a.png'}", "--out", str(tmp_path / "out")]
    assert main(["apps", "run", "cats", *values, "--server", server.url]) == 0
    sent = msgspec.json.decode(server.asked[0][3])
    assert (sent["prompt"], sent["image"]) == ("a=b", "data:image/png;base64,cG5n")
    assert [asked[1] for asked in server.asked[1:]] == ["/runs/7?wait=600", "/view?x"]
    assert (tmp_path / "out" / "b.png").read_bytes() == b"drawn"
    assert capsys.readouterr().out.splitlines() == ["odd", str(tmp_path / "out" / "b.png"), "said"]


def test_a_run_that_failed_is_a_failure(server, capsys):
    server.answers = [json(id="7", status="failed", outputs=[], error="boom")]
    assert main(["apps", "run", "cats", "--server", server.url]) == 1
    assert "boom" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"detail": "no such app"}', "no such app"),
        (b'{"error": {"message": "worse"}}', "worse"),
        (b'{"error": "plain"}', "plain"),
        (b"<html>", "404"),
        (b"[]", "404"),
    ],
)
def test_refusals_are_told_in_the_servers_words(server, body, said, capsys):
    server.answers = [(404, body)]
    assert main(["apps", "remove", "cats", "--version", "3", "--server", server.url]) == 1
    assert server.asked[0][:2] == ("DELETE", "/apps/cats?version=3")
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("written", ["prompt", "=x", "image=@/nowhere/a.png"])
def test_values_that_are_none(server, written, capsys):
    assert main(["apps", "run", "cats", written, "--server", server.url]) == 1
    assert server.asked == []


def test_a_key_goes_to_its_server_only(server, monkeypatch):
    monkeypatch.setenv("LIMNER_KEY", "secret")
    server.answers = [(200, b"x"), (200, b"x")]
    asking = Asking(server.url)
    asking.bytes(f"{server.url}/a")
    Asking("http://127.0.0.1:1").bytes(f"{server.url}/a")
    assert [asked[2] for asked in server.asked] == ["Bearer secret", None]


@pytest.mark.parametrize("written", ["127.0.0.1:1", "1", "http://127.0.0.1:1/", "http://[::1"])
def test_a_server_that_is_not_there(written, capsys):
    assert main(["apps", "list", "--server", written]) == 1
    assert "Is `limner serve` running there?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (RemoteDisconnected("Remote end closed connection without response"), "https://"),
        (ServerDisconnectedError(), "https://"),
        (URLError(ssl.SSLCertVerificationError("self-signed certificate")), "SSL_CERT_FILE"),
        (ConnectionRefusedError(111, "Connection refused"), "limner serve"),
    ],
)
def test_what_is_amiss_on_the_way_is_said_with_what_to_do(error, advice):
    assert advice in str(unreachable("127.0.0.1:1", error))


def test_a_server_that_wants_a_key_is_told_how_commands_send_one(server, capsys):
    server.answers = [(401, b'{"detail": "A key is needed."}')]
    assert main(["apps", "list", "--server", server.url]) == 1
    assert "A key is needed. Commands send the key of the variable LIMNER_KEY." in capsys.readouterr().err


@pytest.mark.parametrize(("action", "said"), [("list", "There are none."), ("retry", "None was given up.")])
def test_where_nothing_is_to_be_delivered_that_is_said(server, action, said, capsys):
    server.answers = [json(deliveries=[])]
    assert main(["deliveries", action, "--server", server.url]) == 0
    assert (capsys.readouterr().err).strip() == said
