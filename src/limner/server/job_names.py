"""Ids of jobs that requests with an Idempotency-Key share: the same for the same key, and nobody else's to guess."""

import hmac
import uuid

from limner.server.service import Service

SECRET = "job names"


def job_name(service: Service, *parts: str) -> uuid.UUID:
    """The id that belongs to some words. Where there are users it cannot be told without the server's own secret.

    Else whoever guesses somebody's key could take the id of that one's next job, since ComfyUI's clients choose ids.
    Blocks for a look into a small file.
    """
    secret = b"" if service.accounts is None else service.accounts.secret(SECRET)
    digest = hmac.digest(secret or b"-", "\0".join(parts).encode(), "sha256")
    return uuid.UUID(bytes=digest[:16], version=5)
