"""What people wrote about model files: notes, trigger words, recommended settings, a picture.

Kept once for the server in its data folder, beside the files and never in them: a file's digest stays what it was.
"""

import hashlib
import json
import logging
import threading
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from limner.graph.errors import DocumentError, StorageError
from limner.server.route import SERVICE
from limner.server.whole_files import store_whole

FILE, PICTURES = "limner-model-cards.json", "model-previews"

LARGEST = 32 << 20
"""Bytes of all cards."""

LOG = logging.getLogger(__name__)


class Card(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What somebody wrote about a file.

    Attributes:
        title: What people call it; empty: its file's name.
        notes: Anything.
        triggers: Words that a prompt needs so that it does something.
        settings: Recommended values by role (``sampler.steps``), applied when the model is chosen.
        licence: Its licence, if the source did not say.
        page: Where people read about it, if the source did not say.
    """

    title: str = ""
    notes: str = ""
    triggers: tuple[str, ...] = ()
    settings: dict[str, str | int | float | bool] = {}
    licence: str = ""
    page: str = ""


EMPTY = Card()


class Cards:
    """The cards of one server. May be used from any thread; all methods read or write files.

    Args:
        data: The data folder.
    """

    def __init__(self, data: Path) -> None:
        self._file, self._pictures = data / FILE, data / PICTURES
        self._lock = threading.Lock()

    def all(self) -> dict[str, Card]:
        """All cards by ``kind/name``; a damaged file counts as none, which is logged.

        Raises:
            StorageError: if they cannot be read.
        """
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, Card])
        except FileNotFoundError:
            return {}
        except (msgspec.MsgspecError, UnicodeDecodeError) as error:
            LOG.warning("%s is damaged (%s); its notes are not shown.", self._file, error)
            return {}
        except OSError as error:
            raise StorageError(f"{self._file.name} cannot be read ({error.strerror}).") from error

    def change(self, key: str, changes: dict[str, Any]) -> Card:
        """Writes what is named of a card; the rest of it stays.

        Raises:
            DocumentError: if a field is unknown or has a wrong type.
            StorageError: if it cannot be kept.
        """
        with self._lock:
            cards = self.all()
            if not cards and self._file.is_file():
                self._file.replace(self._file.with_suffix(".damaged"))
            card = _changed(cards.get(key, EMPTY), changes)
            cards = {name: kept for name, kept in cards.items() if name != key}
            if card != EMPTY:
                cards[key] = card
            data = msgspec.json.format(msgspec.json.encode(cards), indent=1)
            if len(data) > LARGEST:
                raise DocumentError("There is no room for more notes on models. Remove some first.")
            store_whole(self._file, data)
        return card

    def picture(self, key: str) -> Path | None:
        """The picture that somebody gave a model, or None."""
        path = self._picture(key)
        return path if path.is_file() else None

    def give_picture(self, key: str, body: bytes) -> None:
        """Gives a model a picture, or takes it away if there are no bytes.

        Raises:
            StorageError: if it cannot be kept.
        """
        path = self._picture(key)
        if body:
            store_whole(path, body)
        else:
            path.unlink(missing_ok=True)

    def _picture(self, key: str) -> Path:
        return self._pictures / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.webp"


def _changed(card: Card, changes: dict[str, Any]) -> Card:
    values = json.loads(msgspec.json.encode(card)) | changes
    try:
        found = msgspec.convert(values, Card)
    except msgspec.ValidationError as error:
        raise DocumentError(f"A model's card cannot be changed so: {error}.") from error
    texts = (found.title, found.notes, found.licence, found.page, *found.triggers, *found.settings)
    if any(len(text) > 20_000 for text in texts) or len(found.triggers) > 500 or len(found.settings) > 200:
        raise DocumentError("A model's card may have 500 trigger words, 200 settings, and texts of 20000 letters.")
    return found


MODEL_CARDS: web.AppKey[Cards] = web.AppKey("model_cards", Cards)


def add_model_cards(application: web.Application) -> None:
    """Puts them into an application."""
    application[MODEL_CARDS] = Cards(application[SERVICE].folders.data)
