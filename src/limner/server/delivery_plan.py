"""What follows a job by the server's settings, and what may follow it by the wish of whoever asked for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from yarl import URL

from limner.dialects.comfy.prompt_request import refusal
from limner.graph.errors import GraphError, LimnerError
from limner.hub.addresses import Addresses
from limner.hub.refusal import PullError
from limner.jobs.outbox import Outbox
from limner.jobs.records import Errand
from limner.server.webhook_secret import read_secret
from limner.storage.object_stores import DEFAULT, ObjectStores, StoreAddress, read_address

UPLOAD, WEBHOOK = "upload", "webhook"
"""Kinds of errands; webhooks come after uploads, since they tell their addresses."""

MOST = 8
"""Errands that one job may ask for."""


@dataclass(frozen=True, kw_only=True)
class DeliveryPlan:
    """How this server delivers.

    Attributes:
        outbox: Where errands are kept.
        stores: Stores of objects; with a default one, every job's files are brought to it.
        webhooks: Addresses that are told of every job.
        secret: What their messages are signed with.
        request_stores: Requests may name stores of their own, with keys.
        private: Requests may name addresses of this machine and its own network.
        pace: Factor of the pauses between tries.
    """

    outbox: Outbox
    stores: ObjectStores = field(default_factory=lambda: ObjectStores({}))
    webhooks: tuple[str, ...] = ()
    secret: str = field(repr=False)
    request_stores: bool = False
    private: bool = False
    pace: float = 1.0

    def with_defaults(self, asked: tuple[Errand, ...]) -> tuple[Errand, ...]:
        """A job's errands: those that were asked for, and what the settings say; a named store replaces the default."""
        errands = list(asked)
        if DEFAULT in self.stores.addresses and not any(errand.kind == UPLOAD for errand in asked):
            errands.append(Errand(kind=UPLOAD, body={"store": DEFAULT}))
        told = {errand.body.get("url") for errand in asked if errand.kind == WEBHOOK}
        own = [Errand(kind=WEBHOOK, body={"url": url, "own": True}, stage=1) for url in self.webhooks]
        return (*errands, *(errand for errand in own if errand.body["url"] not in told))

    def upload(self, asked: str | Mapping[str, Any]) -> Errand:
        """An errand that brings a job's files to a store.

        Args:
            asked: The name of a store, an address that needs no keys of the request's, or ``url`` with keys.

        Raises:
            GraphError: if there is no such store, or requests may not bring their own.
        """
        if isinstance(asked, str) and "://" not in asked:
            try:
                self.stores.address(asked)
            except LimnerError as error:
                raise _refused("store", str(error)) from error
            return Errand(kind=UPLOAD, body={"store": asked})
        sent = {"url": asked} if isinstance(asked, str) else dict(asked)
        url, keys = str(sent.pop("url", "")), {str(name): str(value) for name, value in sent.items()}
        self.check_store(url, keys)
        return Errand(kind=UPLOAD, body={"url": url}, secrets=keys)

    def check_store(self, url: str, keys: Mapping[str, str]) -> StoreAddress:
        """A store that a request brought, with keys of its own: those of the server are for its own stores.

        Raises:
            GraphError: if it may not, or cannot be one.
        """
        if not self.request_stores:
            raise _refused("store", "Requests may not bring stores here. Name one of the server's, or start it with "
                           "--allow-request-stores.")  # fmt: skip
        try:
            address = read_address(url, keys)
            if "endpoint" in address.place.options:
                Addresses(private=self.private).check(_address(address.place.endpoint))
        except (LimnerError, ValueError) as error:
            raise _refused("store", str(error)) from error
        needed = address.scheme.keys[: address.scheme.needed]
        if not address.scheme.remote:
            raise _refused("store", f"{address.scheme.name}:// is for the server's own stores.")
        if any(not keys.get(name) for name in needed):
            raise _refused("store", f"A store that comes with a request needs its keys: {', '.join(needed)}.")
        return address

    def webhook(self, asked: str | Mapping[str, Any]) -> Errand:
        """An errand that tells an address how a job ended.

        Args:
            asked: The address, or ``url`` and ``secret`` (``whsec_...``), which its messages are signed with.

        Raises:
            GraphError: if it is no address that may be told.
        """
        sent = {"url": asked} if isinstance(asked, str) else dict(asked)
        url, secret = str(sent.get("url") or ""), str(sent.get("secret") or "")
        try:
            Addresses(private=self.private).check(_address(url))
            if secret:
                read_secret(secret)
        except PullError as error:
            said = str(error).replace("models are not fetched from there", "nobody is told there")
            raise _refused("webhook", said.partition(" If it is yours")[0]) from error
        except (LimnerError, ValueError) as error:
            raise _refused("webhook", str(error)) from error
        if not secret:
            return Errand(kind=WEBHOOK, body={"url": url}, stage=1)
        return Errand(kind=WEBHOOK, body={"url": url, "signed": "by request"}, secrets={"secret": secret}, stage=1)


def _address(text: str) -> URL:
    if len(text) > 2000:
        raise ValueError(f"An address has at most 2000 characters; this one has {len(text)}.")
    return URL(text)


def _refused(what: str, details: str) -> GraphError:
    return refusal("invalid_request", f"This {what} cannot be used.", details)
