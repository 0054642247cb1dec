"""What a door is: paths of one API, and the form in which its clients expect to be told that they may not.

A module in ``doors`` defines a Door; it is found by itself. What no other door has is ComfyUI's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from aiohttp import hdrs, web

from limner.graph.discovery import discover
from limner.server import doors
from limner.server.replies import json_reply

Body = Callable[[int, str, str], Any]
"""Makes the body of a refusal from its status, a code for programs and a message for people."""

BASIC = 'Basic realm="Limner", charset="UTF-8"'
BEARER = 'Bearer realm="Limner"'


@dataclass(frozen=True)
class Door:
    """An API.

    Attributes:
        name: Identifies it.
        prefixes: What its paths begin with, each up to a slash or the end; none: all that no other door has.
        body: What its clients are told.
        asks_people: Its clients are browsers or ask people for a name and a password.
    """

    name: str
    prefixes: tuple[str, ...]
    body: Body
    asks_people: bool = False

    def reach(self, path: str) -> int:
        """How much of a path is its own: letters; negative: the path is not."""
        if not self.prefixes:
            return 0
        return max(len(prefix) if f"{path}/".startswith(f"{prefix}/") else -1 for prefix in self.prefixes)

    def refusal(self, status: int, code: str, message: str) -> web.Response:
        """The answer to a request that may not be made."""
        reply = json_reply(self.body(status, code, message), status)
        if status == 401:
            for scheme in (BASIC, BEARER) if self.asks_people else (BEARER,):
                reply.headers.add(hdrs.WWW_AUTHENTICATE, scheme)
        return reply


def all_doors() -> list[Door]:
    """Every door that there is."""
    return list(discover(doors, Door, lambda door: door.name).values())


def door_at(path: str, doors: Iterable[Door]) -> Door:
    """The door that a path belongs to: the one with the longest prefix, and the one without any for all the rest."""
    return max(doors, key=lambda door: door.reach(path))
