"""What a command is, and the options that several of them share."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """One word of the command line.

    Attributes:
        name: The word.
        help: One sentence.
        configure: Adds its arguments.
        run: Does it; returns the exit status.
    """

    name: str
    help: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def add_places(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say where things are."""
    places = parser.add_argument_group("places")
    places.add_argument("--data", metavar="DIR", help="folder of all state (default: the user's data folder)")
    places.add_argument(
        "--models", metavar="DIR", action="append", help="model folder laid out like ComfyUI's models; repeatable"
    )
    places.add_argument("--extra-model-paths", metavar="FILE", help="an extra_model_paths.yaml")


def add_device(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say what runs networks."""
    device = parser.add_argument_group("device")
    device.add_argument("--device", metavar="NAME", help="cpu, cuda, cuda:1, xpu, mps (default: the best there is)")
    device.add_argument("--dtype", choices=("auto", "float32", "bfloat16", "float16"), help="precision of networks")
    device.add_argument("--threads", type=int, metavar="N", help="threads of a CPU worker (default: all cores)")
    device.add_argument(
        "--substitute", action="store_true", default=None, help="let the built-in model stand in for missing ones"
    )


def add_memory(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say how much memory networks may hold, where, and in which types."""
    memory = parser.add_argument_group("memory and precision (docs/memory.md)")
    memory.add_argument("--vram", metavar="SIZE", help="what networks may hold on the device: 6G, 80%% (default: 90%%)")
    memory.add_argument("--ram", metavar="SIZE", help="what they may hold in main memory (default: 60%%)")
    memory.add_argument(
        "--residency",
        choices=("auto", "whole", "low", "none"),
        help="what of a network stays on an accelerator: what fits, all or nothing, half, only what runs",
    )
    for part, kind in (("vae", "autoencoders"), ("text", "text encoders")):
        text = f"compute {kind} on the CPU"
        memory.add_argument(f"--cpu-{part}", action="store_true", default=None, help=text)
    for part, kind in (("network", "denoising networks"), ("text", "text encoders"), ("vae", "autoencoders")):
        types = ("auto", "float32", "bfloat16", "float16")
        memory.add_argument(f"--{part}-dtype", choices=types, help=f"precision of {kind} alone")
    for part in ("network", "text"):
        storages = ("fp8_e4m3fn", "fp8_e5m2", "int8", "nf4")
        memory.add_argument(f"--{part}-storage", choices=storages, help="pack these weights while they are loaded")


def add_packs(parser: argparse.ArgumentParser) -> None:
    """Adds the options that say which node packs are loaded."""
    packs = parser.add_argument_group("node packs")
    packs.add_argument(
        "--disable-all-custom-nodes", action="store_true", default=None, help="load no node packs from custom_nodes"
    )
    packs.add_argument("--whitelist-custom-nodes", nargs="+", metavar="NAME", help="load these packs all the same")
    packs.add_argument(
        "--isolate-packs",
        nargs="?",
        const="*",
        action="append",
        metavar="NAME",
        help="run this pack in a process of its own, with its own environment; all if none is named; repeatable",
    )
    packs.add_argument(
        "--pack-import-seconds",
        type=float,
        metavar="N",
        help="how long importing a pack may take (default: 60; 0: any)",
    )
