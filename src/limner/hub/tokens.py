"""Tokens of services that somebody gave the server: kept in a file that only its own user may read, and never shown."""

from dataclasses import replace
from pathlib import Path

import msgspec

from limner.graph.errors import StorageError
from limner.hub.refusal import PullError
from limner.hub.source import Accounts

FILE = "limner-tokens.json"
SERVICES = ("huggingface", "civitai")


def with_tokens(accounts: Accounts, data: Path) -> Accounts:
    """The accounts with the tokens that were given; those of the environment come first."""
    kept = read_tokens(data)
    missing = {name: kept[name] for name in SERVICES if kept.get(name) and not getattr(accounts, name)}
    return replace(accounts, **missing)


def read_tokens(data: Path) -> dict[str, str]:
    """The tokens that were given, by service; none if the file cannot be read."""
    try:
        return msgspec.json.decode((data / FILE).read_bytes(), type=dict[str, str])
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return {}


def keep_token(data: Path, service: str, token: str) -> None:
    """Keeps a service's token; an empty one is forgotten.

    Raises:
        PullError: if there is no such service, or it is no token.
        StorageError: if it cannot be kept.
    """
    if service not in SERVICES:
        raise PullError("invalid", f"There is no service {service!r:.60}: {', '.join(SERVICES)} take tokens.")
    if len(token) > 500 or not token.isascii() or any(letter.isspace() for letter in token):
        raise PullError("invalid", "This is no token: copy it without spaces.")
    tokens = read_tokens(data) | {service: token}
    file = data / FILE
    beside = file.with_suffix(".new")
    try:
        beside.unlink(missing_ok=True)
        beside.touch(mode=0o600)
        beside.write_bytes(msgspec.json.encode({name: text for name, text in tokens.items() if text}))
        beside.replace(file)
    except OSError as error:
        raise StorageError(f"The token cannot be kept ({error.strerror}).") from error
