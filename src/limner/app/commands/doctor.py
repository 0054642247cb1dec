"""``limner doctor``: what device, what memory, what is missing, what to do."""

import argparse
import importlib.util
import os
import platform
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from limner.app.commands.command import Command, add_device, add_places
from limner.app.settings import Settings, read_settings
from limner.graph.errors import LimnerError
from limner.storage.builtin import builtin_models
from limner.storage.host_memory import host_memory

PACKAGES = ("torch", "diffusers", "transformers", "safetensors", "aiohttp", "PIL")
EXTRAS = {
    "background": "onnxruntime",
    "comfyui-frontend": "comfyui_frontend_package",
    "faces": "cv2",
    "mcp": "mcp",
    "media": "av",
    "ocr": "rapidocr",
    "s3": "boto3",
    "storage": "obstore",
    "telemetry": "opentelemetry.sdk",
    "upscale": "spandrel",
}
"""A module that each optional part of Limner brings, by the part's name."""

WANTED_DISK = 5 << 30
WANTED_MEMORY = 4 << 30


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, what it is, and what to do if it is not (or ``always``)."""

    well: bool
    name: str
    what: str
    advice: str = ""
    always: bool = False


def _packages() -> Iterator[Finding]:
    for name in PACKAGES:
        try:
            version = getattr(importlib.import_module(name), "__version__", "present")
            yield Finding(True, name, str(version))
        except ImportError as error:
            yield Finding(False, name, str(error), "Install Limner again: pip install limner")


def _extras() -> Iterator[Finding]:
    there = {extra: _present(module) for extra, module in EXTRAS.items()}
    installed = ", ".join(extra for extra, found in there.items() if found) or "none"
    absent = ", ".join(extra for extra, found in there.items() if not found)
    advice = f"If you need them: pip install 'limner[NAME]' for {absent}." if absent else ""
    yield Finding(True, "optional parts", installed, advice, always=True)


def _present(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ImportError:
        return False


def _device() -> Iterator[Finding]:
    try:
        import torch

        from limner.models.memory.devices import device_memory, device_name, present_devices, traits_of
    except ImportError:
        return
    found = present_devices()
    for device in found:
        memory = device_memory(device)
        what = f"{device_name(device)}, {memory.free >> 20} of {memory.total >> 20} MiB free"
        untested = f"Limner's own tests have not run on {device.type} yet; docs/memory.md says what that means."
        yield Finding(True, str(device), what, "" if traits_of(device).tested else untested, always=True)
    if not found:
        cores = os.cpu_count() or 1
        advice = "No GPU that torch can use: pictures are drawn by the CPU, which suits small models."
        yield Finding(True, "cpu", f"{cores} cores, {torch.backends.cpu.get_cpu_capability()}", advice, always=True)


def _memory() -> Iterator[Finding]:
    memory, machine = host_memory(), psutil.virtual_memory().total
    what = f"{memory.available >> 20} of {memory.total >> 20} MiB free"
    limited = f", a limit of this container (machine: {machine >> 20} MiB)" if memory.total < machine else ""
    advice = "Close other programs; an SD1 model wants 4 GiB."
    yield Finding(memory.available > WANTED_MEMORY, "memory", what + limited, advice)


def _folders(settings: Settings) -> Iterator[Finding]:
    folders = settings.folders()
    try:
        folders.create()
        probe = folders.data / ".limner-doctor"
        probe.write_bytes(b"x")
        probe.unlink()
        yield Finding(True, "data folder", str(folders.data))
    except OSError as error:
        yield Finding(False, "data folder", f"{folders.data}: {error}", "Choose one you can write to: --data DIR")
        return
    free = shutil.disk_usage(folders.data).free
    yield Finding(free > WANTED_DISK, "disk", f"{free >> 30} GiB free", "Make room, or choose --data on another disk.")
    for root in settings.models:
        there = Path(root).expanduser().is_dir()
        yield Finding(there, "model folder", root if there else f"{root} is not there", "Give --models a folder.")
    further = sorted({path for paths in folders.extra.values() for path in paths})
    missing = [str(path) for path in further if not path.is_dir()]
    if missing:
        what = f"{len(missing)} of {len(further)} are not there: {', '.join(missing[:3])}"
        advice = "Check base_path in extra_model_paths.yaml; what is not there is passed over."
        yield Finding(len(missing) < len(further), "extra model folders", what, advice, always=True)
    for kind in ("checkpoints", "loras", "vae", "embeddings"):
        names = folders.list(kind)
        where = ", ".join(str(root) for root in folders.roots(kind))
        yield Finding(
            True,
            kind,
            f"{len(names)} file{'s' if len(names) != 1 else ''}",
            f"Put files into {where}",
            always=not names,
        )


def _sharing(settings: Settings) -> Iterator[Finding]:
    """Who may use a server over this data folder, and which services stand behind it."""
    from limner.accounts.accounts import FILE, Accounts
    from limner.providers.opening import open_roster

    data = settings.folders().data
    if (data / FILE).is_file():
        accounts = Accounts(data / FILE)
        users = accounts.all_users()
        accounts.close()
        yield Finding(True, "users with keys", ", ".join(user.name for user in users) or "none")
    else:
        advice = "A server that others reach wants keys: limner keys create --user NAME --scopes admin"
        yield Finding(True, "users with keys", "none", advice, always=True)
    try:
        services = open_roster(data, settings.providers).file.providers
    except LimnerError as error:
        yield Finding(False, "services", str(error), "Mend the file, or see docs/providers.md.")
        return
    if services:
        yield Finding(True, "services", ", ".join(services), "limner providers --check asks them.", always=True)


def _builtin() -> Iterator[Finding]:
    names = [name for kind in builtin_models().values() for name in kind]
    advice = "Reinstall, or train it: see models/builtin/README.md"
    yield Finding(bool(names), "built-in model", ", ".join(dict.fromkeys(names)) or "missing", advice)


def _port(settings: Settings) -> Iterator[Finding]:
    with socket.socket() as probe:
        taken = settings.port != 0 and probe.connect_ex((settings.host, settings.port)) == 0
    what = "somebody answers there" if taken else "free"
    yield Finding(True, f"port {settings.port}", what, "If that is not Limner: limner serve --port N", always=taken)


def _configure(parser: argparse.ArgumentParser) -> None:
    add_places(parser)
    add_device(parser)
    parser.add_argument("--port", type=int, metavar="N", help="the port that `limner serve` would take")


def _run(arguments: argparse.Namespace) -> int:
    settings = read_settings(vars(arguments))
    checks: list[Callable[[], Iterator[Finding]]] = [
        _packages,
        _extras,
        _device,
        _memory,
        lambda: _folders(settings),
        _builtin,
        lambda: _sharing(settings),
        lambda: _port(settings),
    ]
    print(f"Python {platform.python_version()} on {platform.platform()}")
    ill = 0
    for check in checks:
        for finding in check():
            ill += not finding.well
            print(f"{'ok ' if finding.well else 'BAD'}  {finding.name:15} {finding.what}")
            if finding.advice and (finding.always or not finding.well):
                print(f"{'':21}{finding.advice}")
    print("All is well." if not ill else f"{ill} of these need attention.")
    return 1 if ill else 0


DOCTOR = Command("doctor", "Say what device and memory there is, what is missing, and what to do.", _configure, _run)
