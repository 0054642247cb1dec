"""News of the queue for pages that show it."""

from collections.abc import AsyncIterator

from aiohttp import web

from limner.server.part import Part
from limner.server.queue_news import QUEUE_NEWS, QueueNews
from limner.server.route import HUB, SERVICE


def _join(application: web.Application) -> None:
    dispatcher = application[SERVICE].dispatcher
    application[QUEUE_NEWS] = news = QueueNews(dispatcher, application[HUB])

    async def telling(_: web.Application) -> AsyncIterator[None]:
        news.start()
        stop = dispatcher.listen(news.hear)
        yield
        stop()

    application.cleanup_ctx.append(telling)


PART = Part("queue_news", _join)
