"""A gateway that somebody else wrote, as a service behind Limner; behind it stands another Limner.

Run by ``make providers-test``, which installs the gateway into an environment of its own.
"""

import os
import signal
import socket
import subprocess
import urllib.request

import pytest
from tests.e2e.conftest import ROOT, LiveServer
from tests.picture_service import until

GATEWAY = ROOT / "build/gateway-venv/bin/litellm"
KEY = "sk-master-2718281828"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not GATEWAY.exists(), reason="make providers-test installs the gateway"),
]

CONFIGURATION = """
model_list:
  - model_name: pic
    litellm_params: {{model: openai/limner-mini, api_base: "{url}/v1", api_key: none}}
    model_info: {{mode: image_generation}}
general_settings: {{master_key: {key}}}
"""

PROVIDERS = """
providers:
  gateway:
    kind: openai_images
    base_url: {url}/v1
    key: GATEWAY_KEY
    price: {{image: 0.02}}
    limits: {{failures: 50}}
models:
  picture: {{targets: [gateway/nothing, gateway/pic]}}
"""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    """The gateway, with a Limner behind it."""
    place = tmp_path_factory.mktemp("gateway")
    far = LiveServer(place / "far")
    (place / "gateway.yaml").write_text(CONFIGURATION.format(url=far.url, key=KEY))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [GATEWAY, "--config", place / "gateway.yaml", "--host", "127.0.0.1", "--port", str(port)]
    with (place / "gateway.log").open("w") as log:
        process = subprocess.Popen(command, cwd=place, stdout=log, stderr=log)
        try:
            until(lambda: _answers(f"http://127.0.0.1:{port}/health/liveliness"), 120)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)
            far.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory, gateway):
    """The Limner in front of it."""
    data = tmp_path_factory.mktemp("front") / "data"
    data.mkdir()
    (data / "providers.yaml").write_text(PROVIDERS.format(url=gateway))
    os.environ["GATEWAY_KEY"] = KEY
    try:
        server = LiveServer(data)
    finally:
        del os.environ["GATEWAY_KEY"]
    server.submit({"1": {"class_type": "PreviewAny", "inputs": {"source": "up"}}})
    yield server
    server.close()


def _answers(address):
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def test_its_models_are_listed_and_drawn_with(server):
    until(lambda: "gateway/pic" in server.call("/providers/models"), 60)
    body = {"model": "gateway/pic", "prompt": "a red cube", "size": "256x256"}
    assert len(server.call("/v1/images/generations", body)["data"]) == 1


def test_what_it_does_not_have_falls_back_to_what_it_has(server):
    body = {"model": "picture", "prompt": "a blue ball", "size": "256x256"}
    assert len(server.call("/v1/images/generations", body)["data"]) == 1
    usage = {entry["name"]: entry for entry in server.call("/usage?by=model")["usage"]}
    assert usage["gateway/nothing"]["failures"] == 1
    assert usage["gateway/pic"]["cost"] == {"USD": pytest.approx(0.02 * usage["gateway/pic"]["images"])}
