"""What is looked up for each owner: lists of their own files, and the listing of node types that shows them."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from limner.graph.catalog import Lists
from limner.server.listing import Listings
from limner.server.lists import INPUT_LATENTS, INPUT_PICTURES, FolderLists
from limner.storage.folders import ONLY_OWNER, Folders

KEPT = 64
"""Owners for whom a listing is kept; it takes a megabyte or two."""


@dataclass(frozen=True)
class OwnerLists:
    """Lists as one owner sees them. Attributes: own: Of input files; shared: All others."""

    own: Lists
    shared: Lists

    def __call__(self, name: str) -> Sequence[str]:
        """The entries of a list now."""
        return self.own(name) if name in (INPUT_PICTURES, INPUT_LATENTS) else self.shared(name)


class Owned:
    """Lists and listings by owner. Safe for any number of threads.

    Args:
        folders: Everybody's; owners' own are found from there.
        lists: What all see, and whoever is alone.
    """

    def __init__(self, folders: Folders, lists: Lists) -> None:
        self._folders, self._lists = folders, lists
        self._alone = Listings(lists)
        self._lock = threading.Lock()
        self._others: OrderedDict[str, tuple[Lists, Listings]] = OrderedDict()

    def lists(self, owner: str) -> Lists:
        """What an owner sees in lists."""
        return self._lists if owner == ONLY_OWNER else self._of(owner)[0]

    def listings(self, owner: str) -> Listings:
        """What an owner sees of node types."""
        return self._alone if owner == ONLY_OWNER else self._of(owner)[1]

    def _of(self, owner: str) -> tuple[Lists, Listings]:
        with self._lock:
            if owner not in self._others:
                lists = OwnerLists(FolderLists(self._folders.of_owner(owner)), self._lists)
                self._others[owner] = lists, Listings(lists)
                if len(self._others) > KEPT:
                    self._others.popitem(last=False)
            self._others.move_to_end(owner)
            return self._others[owner]


OWNED: web.AppKey[Owned] = web.AppKey("owned", Owned)
