"""Two people and a real worker: files, results and logins are each one's own, from the command line to the picture."""

import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from tests.e2e.conftest import READY_SECONDS, ROOT, LiveServer


def limner(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "limner", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


class Person:
    """Somebody with a key."""

    def __init__(self, server: LiveServer, key: str) -> None:
        self.server, self.key = server, key

    def ask(self, path: str, body: Any = None, *, data: bytes | None = None, **headers: str) -> bytes:
        sent = json.dumps(body).encode() if body is not None else data
        request = urllib.request.Request(
            self.server.url + path, sent, {"Authorization": f"Bearer {self.key}", **headers}
        )
        with urllib.request.urlopen(request, timeout=READY_SECONDS) as answer:
            return answer.read()

    def upload(self, name: str, picture: bytes) -> None:
        head = f'--x\r\nContent-Disposition: form-data; name="image"; filename="{name}"\r\n\r\n'.encode()
        self.ask(
            "/upload/image",
            data=head + picture + b"\r\n--x--\r\n",
            **{"Content-Type": "multipart/form-data; boundary=x"},
        )

    def draw(self, document: Any) -> dict[str, Any]:
        """Runs a prompt; waits until the worker is up, and until it is done."""
        deadline = time.monotonic() + READY_SECONDS
        while True:
            try:
                job = json.loads(self.ask("/prompt", {"prompt": document}))["prompt_id"]
                break
            except urllib.error.HTTPError as error:
                if error.code != 503 or time.monotonic() > deadline:
                    raise RuntimeError(error.read().decode()) from error
                time.sleep(0.5)
        while not (found := json.loads(self.ask(f"/history/{job}"))):
            time.sleep(0.05)
        return found[job]


def picture_of(colour: str) -> bytes:
    from io import BytesIO

    from PIL import Image

    data = BytesIO()
    Image.new("RGB", (32, 32), colour).save(data, "PNG")
    return data.getvalue()


COPY = {
    "1": {"class_type": "LoadImage", "inputs": {"image": "mine.png"}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "copy"}},
}


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("accounts") / "data"


@pytest.fixture(scope="module")
def people(data) -> Any:
    """A server that others can reach, with keys that the command line made."""
    refused = limner("serve", "--host", "0.0.0.0", "--port", "0", "--data", str(data))
    assert refused.returncode == 1
    assert "limner keys create" in refused.stderr
    keys = {}
    for user in ("anna", "ben"):
        made = limner("keys", "create", "--user", user, "--data", str(data))
        assert made.returncode == 0, made.stderr
        keys[user] = made.stdout.strip()
    server = LiveServer(data, "--host", "0.0.0.0")
    server.url = server.url.replace("0.0.0.0", "127.0.0.1")
    yield {user: Person(server, key) for user, key in keys.items()}
    server.close()


def colour_of(person: Person, file: dict[str, str]) -> Any:
    from io import BytesIO

    from PIL import Image

    data = person.ask(f"/view?{urllib.parse.urlencode(file)}")
    return Image.open(BytesIO(data)).convert("RGB").getpixel((5, 5))


def test_equal_graphs_of_two_people_load_and_save_files_of_their_own(people, data):
    anna, ben = people["anna"], people["ben"]
    anna.upload("mine.png", picture_of("red"))
    ben.upload("mine.png", picture_of("blue"))
    files = {}
    for person, colour in ((anna, (255, 0, 0)), (ben, (0, 0, 255)), (anna, (255, 0, 0))):
        entry = person.draw(COPY)
        assert entry["status"]["status_str"] == "success"
        [file] = entry["outputs"]["2"]["images"]
        assert colour_of(person, file) == colour
        files[person] = file
    for user in ("anna", "ben"):
        assert list((data / "owners" / user / "output").glob("copy_*.png"))
    assert not list((data / "output").glob("*.png"))
    assert files[anna]["filename"] == files[ben]["filename"]  # Equal names, and neither is the other's.


def test_equal_pictures_are_drawn_once_and_saved_for_each(people):
    """What no file is in is shared: the second person waits for no step of the first one's."""
    drawn = {
        "1": {"class_type": "EmptyImage", "inputs": {"width": 32, "height": 32, "batch_size": 1, "color": 0x00FF00}},
        "2": {"class_type": "ImageInvert", "inputs": {"image": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["2", 0], "filename_prefix": "inverted"}},
    }
    first, second = people["anna"].draw(drawn), people["ben"].draw(drawn)
    cached = [data for name, data in second["status"]["messages"] if name == "execution_cached"]
    assert sorted(cached[0]["nodes"]) == ["1", "2"]
    for person, entry in ((people["anna"], first), (people["ben"], second)):
        assert colour_of(person, entry["outputs"]["3"]["images"][0]) == (255, 0, 255)


def test_a_login_with_a_password_as_browsers_send_it(people):
    anna = people["anna"]
    login = base64.b64encode(f"anna:{anna.key}".encode()).decode()
    request = urllib.request.Request(f"{anna.server.url}/queue", headers={"Authorization": f"Basic {login}"})
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer) == {"queue_running": [], "queue_pending": []}


def test_the_command_line_takes_a_key_back_while_the_server_runs(people, data):
    made = json.loads(limner("keys", "create", "--user", "anna", "--json", "--data", str(data)).stdout)
    guest = Person(people["anna"].server, made["key"])
    assert guest.ask("/features")
    assert limner("keys", "revoke", made["id"], "--data", str(data)).returncode == 0
    with pytest.raises(urllib.error.HTTPError) as refused:
        guest.ask("/features")
    with refused.value as answer:
        assert answer.code == 401
    listed = json.loads(limner("keys", "list", "--json", "--data", str(data)).stdout)
    assert {key["state"] for key in listed["keys"]} == {"good", "revoked"}
    today = {user["name"]: user["taken"]["jobs_today"] for user in listed["users"]}
    assert today == {name: len(json.loads(people[name].ask("/history"))) for name in ("anna", "ben")}
