"""A pull that is killed in the middle: what it wrote down is there, and the next one goes on from it."""

import signal
import subprocess
import sys
import time

import msgspec
from tests.unit.hub.conftest import pulling
from tests.unit.hub.models import safetensors
from tests.unit.hub.remote import Remote

from limner.hub.part_file import PartNote
from limner.storage.folders import Folders

MODEL = safetensors(1, size=3_000_000)
PROGRAM = """
import sys
from pathlib import Path
import limner.hub.transfer as transfer
from limner.hub.plan import Choice
from limner.hub.puller import Puller
from limner.hub.source import Wanted
from limner.storage.folders import Folders
transfer.NOTED = 0.05
puller = Puller(Folders.under(Path(sys.argv[1])), private=True)
puller.carry_out(puller.plan(Wanted(sys.argv[2]), Choice(into="loras")))
"""


def noted(note):
    """How many bytes a note says are there."""
    try:
        read = msgspec.json.decode(note.read_bytes(), type=PartNote)
    except (OSError, msgspec.DecodeError):
        return 0
    return sum(end - begin for begin, end in read.done)


def test_a_killed_pull_goes_on_from_what_it_wrote_down(tmp_path):
    folders = Folders.under(tmp_path / "data")
    with Remote() as remote:
        served = remote.put("/a.safetensors", MODEL, etag='"1"', pause=0.05)
        arguments = [str(folders.data), f"{remote.url}/a.safetensors"]
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stderr=subprocess.PIPE)
        note = folders.place("loras") / "a.safetensors.part.json"
        deadline = time.monotonic() + 60
        while noted(note) < 200_000 and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        _, errors = process.communicate()
        assert noted(note) >= 200_000, errors
        assert not (folders.place("loras") / "a.safetensors").exists()
        served.pause = 0
        [done] = pulling(folders)(f"{remote.url}/a.safetensors", into="loras")
        assert folders.find("loras", "a.safetensors").read_bytes() == MODEL
        assert done.received <= len(MODEL) - 200_000
