"""Accepts ComfyUI's command line, so that the scripts that start it can start Limner instead."""

import argparse
from collections.abc import Mapping
from typing import Any

from limner.app.comfy_flag_keys import FLAGS


def add_comfy_flags(parser: argparse.ArgumentParser) -> None:
    """Adds the options that ComfyUI has and ``limner serve`` has not."""
    group = parser.add_argument_group("ComfyUI's options", "accepted so that its start scripts work (not listed here)")
    for flag in FLAGS:
        kind = flag.argument if flag.argument is not None else {"action": "store_true"}
        try:
            group.add_argument(f"--{flag.name}", dest=flag.key, default=None, help=argparse.SUPPRESS, **kind)
        except argparse.ArgumentError:
            continue  # Limner has an option of that name.


def with_comfy_flags(chosen: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What ComfyUI's options mean here.

    Args:
        chosen: Parsed arguments by name; None: not chosen. Limner's own options come before ComfyUI's.

    Returns:
        The arguments with the settings that follow, and a line for each option that has no effect.
    """
    settings: dict[str, Any] = {}
    notes: list[str] = []
    for flag in FLAGS:
        value = chosen.get(flag.key)
        if value is None:
            continue
        settings |= {name: follow(value) for name, follow in flag.settings.items()}
        if not flag.settings:
            notes.append(f"--{flag.name} has no effect: {flag.because}.")
    own = {name: value for name, value in chosen.items() if value is not None and not name.startswith("comfy_")}
    return settings | own, notes
