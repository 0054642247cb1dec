"""Where the styles of A1111's clients are: ``styles.csv`` among the files of the only user."""

from pathlib import Path

from aiohttp import web

from limner.dialects.a1111.styles import Style, read_styles
from limner.server.bodies import beside
from limner.server.caller import folders_of
from limner.server.users import ONLY_USER

FILE = "styles.csv"
LARGEST = 8 << 20
"""Bytes; a longer table is taken for something else."""


async def prompt_styles(request: web.Request) -> list[Style]:
    """The styles there are; none if there is no table, or none that can be read."""
    path = folders_of(request).user / ONLY_USER / FILE
    return await beside(lambda: _read(path))


def _read(path: Path) -> list[Style]:
    try:
        if path.stat().st_size > LARGEST:
            return []
        return read_styles(path.read_text("utf-8", "replace"))
    except OSError:
        return []
