"""Where requests for other services come in: opens the services, asks them by their routes, tells what it cost.

All of it lives on one event loop in a thread of its own; whoever asks may be on any other loop or thread.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from limner.backends.in_process_loop import Loop
from limner.graph.elsewhere import PictureOrder
from limner.graph.errors import SettingsError, UnknownNameError
from limner.graph.graph import Graph
from limner.graph.progress import Progress
from limner.providers.calling import Caller, caller_for
from limner.providers.files import file_key, files_in, first_file
from limner.providers.health import Health
from limner.providers.naming import with_model
from limner.providers.provider import GraphOrder, GraphProvider, Kind, Tell, Told
from limner.providers.roster import Roster
from limner.providers.routing import Answer, Charged, Service, ask_in_turn
from limner.providers.settings import RouteSettings, Target


class Desk:
    """Asks other services; implements ``limner.graph.elsewhere.Elsewhere``.

    Args:
        roster: Which names stand for which services.
        kinds: How services are spoken to.
        environment: Holds the keys.
    """

    def __init__(self, roster: Roster, kinds: Mapping[str, Kind], environment: Mapping[str, str]) -> None:
        self.roster = roster
        self._kinds, self._environment = kinds, environment
        self._loop = Loop()
        self._services: dict[str, Service] = {}
        self._callers: list[Caller] = []
        self._closed = threading.Lock()

    async def draw(self, order: PictureOrder, progress: Progress) -> bytes:
        """See ``Elsewhere``."""

        async def ask(service: Service, aim: Target) -> tuple[bytes, Answer]:
            drawn = await service.provider.draw(aim.model, order)
            return drawn.picture, Answer(tokens=drawn.tokens, cost=drawn.cost, currency=drawn.currency)

        return await asyncio.wrap_future(
            self._loop.submit(self._in_turn(order.model, self._route(order.model), ask, progress.charged))
        )

    async def compute(
        self, provider: str, graph: Graph, files: Mapping[str, bytes], progress: Progress
    ) -> Mapping[str, bytes]:
        """See ``Elsewhere``."""
        order = GraphOrder(graph=graph, files=files)

        async def ask(service: Service, aim: Target) -> tuple[dict[str, bytes], Answer]:
            named: dict[str, Mapping[str, str]] = {}

            def tell(told: Told) -> None:
                if told.what == "progress":
                    progress.report(told.value, told.total)
                if told.what == "output" and (file := first_file(told.ui)):
                    named[told.node] = file

            there = cast("GraphProvider", service.provider)
            await there.run(replace(order, graph=with_model(graph, provider, aim)), tell)
            return {node: await there.fetch(file) for node, file in named.items()}, Answer(images=0)

        route = self.graph_route(provider)
        return await asyncio.wrap_future(self._loop.submit(self._in_turn(provider, route, ask, progress.charged)))

    def run(
        self, name: str, order: GraphOrder, tell: Tell, charged: Charged, listen: Callable[[Callable[[], Any]], None]
    ) -> tuple[str, Mapping[str, bytes]]:
        """Runs a whole graph at one of the services behind a name. Blocks.

        Args:
            name: ``provider/model``, a service's name, or a public name.
            order: With that name where the graph names its model.
            tell: Hears of it, on the loop's thread.
            charged: Hears what it cost.
            listen: Is given what cancels the run.

        Returns:
            The service that did it, and the files that its nodes told of, by ``file_key``.

        Raises:
            ProviderError: if none could.
            CancelledError: if it was cancelled.
        """

        async def ask(service: Service, aim: Target) -> tuple[tuple[str, Mapping[str, bytes]], Answer]:
            there = cast("GraphProvider", service.provider)
            outputs: dict[str, Told] = {}

            def hear(told: Told) -> None:
                if told.what == "output":
                    outputs[told.node] = told
                else:
                    tell(told)

            await there.run(replace(order, graph=with_model(order.graph, name, aim)), hear)
            wanted = {file_key(file): file for told in outputs.values() for file in files_in(told.ui)}
            fetched = {key: await there.fetch(file) for key, file in wanted.items()}
            for told in outputs.values():
                tell(told)
            return (service.name, fetched), Answer(images=len(fetched))

        future = self._loop.submit(self._in_turn(name, self.graph_route(name), ask, charged))
        listen(future.cancel)
        return future.result()

    def graph_route(self, name: str) -> RouteSettings:
        """The services behind a name, all of which take whole graphs.

        Raises:
            SettingsError: if one of them does not.
            UnknownNameError: if there are none.
        """
        route = self._route(name)
        other = next((aim.provider for aim in route.aims() if not self.roster.runs_graphs(aim.provider)), None)
        if other is not None:
            raise SettingsError(f"{other} draws pictures and takes no graphs; {name!r} has to name services that do.")
        return route

    def close(self) -> None:
        """Ends all requests and connections."""
        with self._closed:
            callers, self._callers = self._callers, []
        if callers:
            self._loop.submit(_closed(callers)).result(5.0)
        self._loop.close()

    def _route(self, name: str) -> RouteSettings:
        route = self.roster.route(name)
        if route is None:
            known = [*self.roster.file.providers, *self.roster.names()]
            raise UnknownNameError("model of another service", name, known, "See providers.yaml.")
        return route

    async def _in_turn(self, name: str, route: RouteSettings, ask: Any, charged: Charged) -> Any:
        services = {aim.provider: await self._service(aim.provider) for aim in route.aims()}
        return await ask_in_turn(name, route, services, ask, charged)

    async def _service(self, name: str) -> Service:
        """A service, ready to be asked."""
        known = self._services.get(name)
        if known is not None:
            return known
        settings = self.roster.file.providers[name]
        caller = caller_for(name, settings, self._environment)
        await caller.open()
        self._callers.append(caller)
        service = Service(name, settings, self._kinds[settings.kind].make(caller, settings), Health(settings.limits))
        return self._services.setdefault(name, service)


async def _closed(callers: list[Caller]) -> None:
    for caller in callers:
        await caller.close()
