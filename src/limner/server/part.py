"""What a part of the server is: something with a state that routes use and that begins and ends with the server.

A module in ``parts`` defines a Part; it is found by itself. What routes need of it lies in the application under an
``AppKey`` that the part's own modules define.
"""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True)
class Part:
    """A part and how it joins the application, before routes are added and anything starts."""

    name: str
    join: Callable[[web.Application], None]
