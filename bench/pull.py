"""A large file from a server of our own, through connections that are cut three times, with figures.

Run with the project's Python from the repository's root: python bench/pull.py [--megabytes 1024]
"""

import argparse
import hashlib
import json
import random
import struct
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.unit.hub.remote import Remote, Served  # noqa: E402

from limner.hub.events import FilePaused  # noqa: E402
from limner.hub.plan import Choice  # noqa: E402
from limner.hub.puller import Puller  # noqa: E402
from limner.hub.source import Wanted  # noqa: E402
from limner.storage.folders import Folders  # noqa: E402


def write_model(path: Path, megabytes: int) -> str:
    """A safetensors file of random bytes; gives its SHA-256."""
    size = megabytes << 20
    header = json.dumps({"lora_unet_a.lora_down.weight": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}})
    digest, generator = hashlib.sha256(), random.Random(7)
    with path.open("wb") as file:
        for piece in (struct.pack("<Q", len(header)), header.encode(), *(None,) * megabytes):
            data = generator.randbytes(1 << 20) if piece is None else piece
            file.write(data)
            digest.update(data)
    return digest.hexdigest()


def pull(puller: Puller, remote: Remote, what: str) -> None:
    """Pulls and prints what it cost."""
    told: list[object] = []
    before, began = remote.bytes_sent, time.perf_counter()
    plan = puller.plan(Wanted(f"{remote.url}/model.safetensors"), Choice(), told.append)
    done = puller.carry_out(plan, told.append)[0]
    seconds, sent = time.perf_counter() - began, remote.bytes_sent - before
    cuts = sum(isinstance(event, FilePaused) for event in told)
    speed = f", {done.size / seconds / 1e6:.0f} MB/s" if done.received else ""
    print(
        f"{what}: {done.how} in {seconds:.2f} s{speed}, {cuts} cut connections; the server sent {sent:,} bytes", end=""
    )
    print(f" for a file of {done.size:,} ({sent / done.size:.4f} times)")
    print(f"  SHA-256 {done.sha256}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=1024)
    megabytes = parser.parse_args().megabytes
    with tempfile.TemporaryDirectory() as folder, Remote() as remote:
        source = Path(folder) / "source.safetensors"
        expected = write_model(source, megabytes)
        # The first two answers are the plan's: the name and size, and the header. A connection is cut inside a block.
        third = min(8 << 20, (megabytes << 20) // 4)
        served = Served(source, etag='"1"', cuts=[1 << 30, 1 << 30, third, 2 * third, 3 * third])
        remote.files["/model.safetensors"] = served
        folders = Folders.under(Path(folder) / "data")
        puller = Puller(folders, private=True)
        pull(puller, remote, "first pull ")
        pull(puller, remote, "second pull")
        path = folders.find("loras", "model.safetensors")
        equal = path.read_bytes() == source.read_bytes() if megabytes <= 4096 else None
        print(f"bytes equal: {equal}; digest as expected: {puller.holdings.digests(path).sha256 == expected}")
        again = puller.plan(Wanted(f"{remote.url}/model.safetensors"), Choice(name="again.safetensors"))
        done = puller.carry_out(again)[0]
        print(f"under another name: {done.how}, {done.note}")


if __name__ == "__main__":
    main()
