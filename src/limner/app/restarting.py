"""Has a running server load its node packs anew."""

import json
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from limner.app.asking import key_headers
from limner.graph.errors import SettingsError

SECONDS = 900.0
"""How long jobs may run on, and the worker take to start, together."""


def restart_worker(server: str) -> str:
    """Asks a server to start its worker anew and waits; says how each node pack did.

    Args:
        server: Its address, ``http://127.0.0.1:8188``.

    Raises:
        SettingsError: if it cannot be reached, or refuses.
    """
    address = server if "://" in server else f"http://{server}"
    try:
        headers = {"Content-Type": "application/json", **key_headers()}
        request = Request(f"{address.rstrip('/')}/limner/worker/restart", b"{}", headers)
        with urlopen(request, timeout=SECONDS) as answer:
            packs = json.loads(answer.read())["packs"]
    except HTTPError as error:
        reason = error.read(2000).decode(errors="replace")
        raise SettingsError(
            f"The server at {address} does not start its worker anew ({error.code}): {reason}"
        ) from error
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(f"There is no Limner server at {address} ({error}).") from error
    return "\n".join(["the worker started anew", *(f"  {name}: {state}" for name, state in packs.items())])
