"""What follows jobs, from the settings: stores of objects, webhooks and their secret."""

from pathlib import Path

from limner.app.settings import Settings
from limner.graph.errors import SettingsError
from limner.hub.addresses import SCHEMES
from limner.jobs.outbox import Outbox
from limner.server.delivery_plan import DeliveryPlan
from limner.server.webhook_secret import kept_secret
from limner.storage.folders import Folders
from limner.storage.object_stores import DEFAULT, read_stores

SECRET_FILE = "webhook.secret"


def delivery_plan(settings: Settings, folders: Folders, outbox: Outbox) -> DeliveryPlan:
    """How the server delivers.

    Raises:
        SettingsError: if a store or an address cannot be used.
    """
    for url in settings.webhooks:
        if url.partition("://")[0] not in SCHEMES:
            raise SettingsError(f"--webhook must begin with https:// or http://; it is {url!r:.200}.")
    stores = read_stores(settings.store, Path(settings.stores) if settings.stores else None)
    if DEFAULT in stores.addresses:
        stores.get(DEFAULT)  # what is missing is better said now than after the first job
    return DeliveryPlan(
        outbox=outbox,
        stores=stores,
        webhooks=settings.webhooks,
        secret=kept_secret(settings.webhook_secret, folders.data / SECRET_FILE),
        request_stores=settings.allow_request_stores,
        private=settings.allow_private_webhooks,
        pace=settings.delivery_pace,
    )
