"""Small model files for tests, in the formats that hubs have."""

import json
import struct


def safetensors(
    seed: int = 0, *, size: int = 4096, names: tuple[str, ...] = ("lora_unet_a.lora_down.weight",)
) -> bytes:
    """A valid file of about a size, with tensors of those names and bytes that depend on the seed."""
    share = max(4, size // len(names) // 4 * 4)
    entries, offset = {}, 0
    for name in names:
        entries[name] = {"dtype": "F32", "shape": [share // 4], "data_offsets": [offset, offset + share]}
        offset += share
    header = json.dumps({"__metadata__": {"seed": str(seed)}, **entries}).encode()
    unit = struct.pack("<Q", seed) + b"limner!!" + bytes(range(240))
    body = (unit * (offset // len(unit) + 1))[:offset]
    return struct.pack("<Q", len(header)) + header + body


def gguf() -> bytes:
    """The smallest valid GGUF file: one tensor of eight numbers."""
    name = b"blk.0.attn_q.weight"
    info = struct.pack("<Q", len(name)) + name + struct.pack("<IQIQ", 1, 8, 0, 0)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + info
    return head + bytes(-len(head) % 32) + bytes(32)
