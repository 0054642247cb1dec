"""What other services have, as the server knows it: their models and node types, asked for now and then.

The server only ever reads what was found last: no request waits for another service to list its models.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from limner.graph.catalog import Catalog
from limner.providers.calling import caller_for
from limner.providers.provider import GraphProvider, Kind, Provider
from limner.providers.refusal import ProviderError
from limner.providers.remote_catalog import catalog_of
from limner.providers.roster import Roster
from limner.providers.settings import ProviderSettings

LOG = logging.getLogger(__name__)

EVERY = 300.0
"""Seconds between two looks at a service that answered,"""

SOON = 10.0
"""and at one that did not."""

PATIENCE = 20.0
"""Seconds that a service has to list what it has."""

MOST_MODELS = 2000
"""Of a service; those that list more are used by names that settings give."""


class Directory:
    """What services have. Reading is safe from any thread; ``watch`` belongs to one event loop.

    Args:
        roster: The services.
        kinds: How they are spoken to.
        environment: Holds the keys.
    """

    def __init__(self, roster: Roster, kinds: Mapping[str, Kind], environment: Mapping[str, str]) -> None:
        self._roster, self._kinds, self._environment = roster, kinds, environment
        self._catalogs: dict[str, Catalog] = {}

    def roster(self) -> Roster:
        """The services, with the models that they told of."""
        return self._roster

    def catalog(self, provider: str) -> Catalog | None:
        """What a service that takes graphs can do; None: it has not said so yet."""
        return self._catalogs.get(provider)

    async def watch(self) -> None:
        """Asks all services, again and again, until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            for name, settings in self._roster.file.providers.items():
                group.create_task(self._watch_one(name, settings))

    async def _watch_one(self, name: str, settings: ProviderSettings) -> None:
        caller = caller_for(name, settings, self._environment)
        caller.timeout = min(caller.timeout, PATIENCE)
        await caller.open()
        try:
            provider = self._kinds[settings.kind].make(caller, settings)
            while True:
                answered = await self._look(name, settings, provider)
                await asyncio.sleep(EVERY if answered else SOON)
        finally:
            await caller.close()

    async def _look(self, name: str, settings: ProviderSettings, provider: Provider) -> bool:
        """Asks one service; whether it answered."""
        try:
            if settings.models is None:
                models = (await provider.models())[:MOST_MODELS]
                # Others may have answered meanwhile, so what is known is looked at now and not before.
                self._roster = replace(self._roster, found={**self._roster.found, name: models})
            if self._roster.runs_graphs(name):
                self._catalogs[name] = catalog_of(await cast("GraphProvider", provider).node_types())
        except ProviderError as error:
            LOG.info("%s does not say what it has: %s", name, error)
            return False
        return True
