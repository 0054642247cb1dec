"""Joins what follows jobs with the server: the courier begins and ends with it, and hears of jobs that end."""

import asyncio

from aiohttp import web

from limner.engine.events import TERMINAL, AnyEvent
from limner.graph.discovery import discover
from limner.jobs.records import Job
from limner.server import errands
from limner.server.deliveries import DELIVERIES, Deliveries
from limner.server.delivery_plan import DeliveryPlan
from limner.server.errand_kind import ErrandKind
from limner.server.route import SERVICE
from limner.server.service import Service


def add_deliveries(application: web.Application) -> None:
    """Adds the courier, if the server delivers at all."""
    service = application[SERVICE]
    if service.deliveries is not None:
        application[DELIVERIES] = _deliveries(service, service.deliveries)
        application.on_startup.append(_begin)
        application.on_shutdown.append(_shut_down)
        application.on_cleanup.append(_clean_up)


def _deliveries(service: Service, plan: DeliveryPlan) -> Deliveries:
    kinds = discover(errands, ErrandKind, lambda kind: kind.name)
    carriers = {name: kind.carrier(service, plan) for name, kind in kinds.items()}
    return Deliveries(plan.outbox, carriers, plan.pace)


async def _begin(application: web.Application) -> None:
    deliveries = application[DELIVERIES]

    def hear(_: Job, event: AnyEvent) -> None:
        if isinstance(event, TERMINAL):
            deliveries.courier.wake()

    application[SERVICE].dispatcher.listen(hear)
    deliveries.start()


async def _shut_down(application: web.Application) -> None:
    application[DELIVERIES].close()


async def _clean_up(application: web.Application) -> None:
    await asyncio.to_thread(application[DELIVERIES].courier.stop)
