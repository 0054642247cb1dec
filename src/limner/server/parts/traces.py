"""Traces, where OpenTelemetry's variables ask for them."""

import asyncio
from collections.abc import AsyncIterator

from aiohttp import web

from limner.server.part import Part
from limner.server.route import SERVICE
from limner.server.traces import TRACES, Traces, new_provider


def add_traces(application: web.Application) -> None:
    """Begins to trace an application if that was asked for.

    Raises:
        SettingsError: if it was and OpenTelemetry is not installed.
    """
    service = application[SERVICE]
    if not service.settings.traces:
        return
    application[TRACES] = traces = Traces(new_provider())
    application.middlewares.insert(0, traces.middleware)

    async def tracing(_: web.Application) -> AsyncIterator[None]:
        stop = service.dispatcher.listen(traces.hear)
        yield
        stop()
        await asyncio.to_thread(traces.close)

    application.cleanup_ctx.append(tracing)


PART = Part("traces", add_traces)
