"""Builds the web studio into wheels, so that whoever installs one needs no Node."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).parent / "studio"))

import build as studio


class StudioHook(BuildHookInterface):
    """Puts the built studio into the package ``limner``; a checkout's own installation finds it where it is built."""

    def dependencies(self) -> list[str]:
        """Node, where the system has none."""
        return [] if self._is_not_needed() or studio.system_node() else [studio.PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds it before the files of a wheel are collected."""
        if version == "editable" or self._is_not_needed():
            return
        build_data["force_include"][str(studio.build())] = "limner/studio"

    def _is_not_needed(self) -> bool:
        """Whether what is built is a source archive, which carries the sources."""
        return self.target_name != "wheel"
