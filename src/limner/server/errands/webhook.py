"""Webhooks: somebody is told how a job ended, in a signed message.

Source: Standard Webhooks, https://www.standardwebhooks.com (headers, signature, schedule of tries, status 410).
"""

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec
from aiohttp import hdrs
from yarl import URL

from limner import __version__
from limner.dialects.apps.outputs import OutputFile, files_of
from limner.dialects.job_news import job_news
from limner.graph.errors import LimnerError
from limner.hub.addresses import Addresses, GuardedResolver
from limner.hub.patience import retry_after
from limner.hub.refusal import PullError
from limner.jobs.courier import Carrier, ErrandError
from limner.jobs.outbox import ErrandState, KeptErrand
from limner.jobs.records import Job, JobState
from limner.server.apps.finish import finished_files
from limner.server.delivery_plan import UPLOAD, WEBHOOK, DeliveryPlan
from limner.server.errand_kind import ErrandKind
from limner.server.public_address import saved_address
from limner.server.service import Service
from limner.server.webhook_secret import secret_of, signature
from limner.storage.contacted_hosts import WEBHOOKS

PAUSES = (5.0, 30.0, 120.0, 300.0, 1800.0, *(hours * 3600.0 for hours in (2, 5, 10, 14, 20, 24)))
"""The schedule that Standard Webhooks recommends, with two more tries in the first minutes."""

TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=10)
READ = 2000
"""Bytes of a refusal that are kept as its reason."""

INWARD = "{} may not be told: it leads into this server's own network."

GONE = 410
"""The status of receivers that want to hear nothing any more."""


@dataclass(frozen=True)
class Webhooks:
    """Carries webhooks."""

    service: Service
    plan: DeliveryPlan

    def place(self, kept: KeptErrand) -> str:
        """Which receiver."""
        return f"{WEBHOOK} {urlsplit(str(kept.errand.body['url'])).netloc}"

    def carry(self, kept: KeptErrand) -> dict[str, Any]:
        """Tells it; says with which status it answered."""
        url, own = str(kept.errand.body["url"]), bool(kept.errand.body.get("own"))
        body = self._message(kept)
        addresses = Addresses(private=self.plan.private, trusted=[url] if own else [])
        try:
            addresses.check(URL(url))
        except (PullError, ValueError) as error:
            raise ErrandError(INWARD.format(_shown(url)), final=True) from error
        self.service.hosts.note(urlsplit(url).hostname or "", WEBHOOKS)
        return asyncio.run(_told(url, body, self._headers(kept, body), addresses))

    def _message(self, kept: KeptErrand) -> bytes:
        if kept.record is None:
            raise ErrandError("The job has not ended.")
        uploads = [other for other in self.plan.outbox.of_job(kept.job) if other.errand.kind == UPLOAD]
        news = job_news(
            kept.record,
            self._files(kept.record),
            address=lambda file: saved_address(self.service, kept.owner, file),
            uploads=[file for upload in uploads if upload.state is ErrandState.DONE for file in upload.result or ()],
            refusals=[upload.reason for upload in uploads if upload.state is ErrandState.GIVEN_UP],
        )
        return msgspec.json.encode(news)

    def _files(self, job: Job) -> list[OutputFile]:
        """A job's files in the form that was asked for; as they were saved if they cannot be had in it."""
        if job.state is not JobState.SUCCEEDED:
            return files_of(job)
        try:
            return [file for file, _ in finished_files(job, self.service.folders.of_owner(job.submission.owner))]
        except (LimnerError, OSError):
            return files_of(job)

    def _headers(self, kept: KeptErrand, body: bytes) -> dict[str, str]:
        """The headers of a message; its id is the same at every try, so that receivers know it again."""
        ended = kept.record.ended if kept.record is not None else 0
        identifier, now = f"msg_{kept.id}_{ended}", int(time.time())
        secret = kept.errand.secrets.get("secret")
        if not secret and "signed" in kept.errand.body:
            raise ErrandError("The secret that came with the request was wiped when the message was taken.", final=True)
        if not secret:  # Whoever runs the server knows its secret, and not those of all who have an account.
            own = "own" in kept.errand.body
            secret = self.plan.secret if own else secret_of(kept.owner, self.plan.secret)
        return {
            hdrs.CONTENT_TYPE: "application/json",
            hdrs.USER_AGENT: f"limner/{__version__}",
            "webhook-id": identifier,
            "webhook-timestamp": str(now),
            "webhook-signature": signature(secret, identifier, now, body),
        }


async def _told(url: str, body: bytes, headers: dict[str, str], addresses: Addresses) -> dict[str, Any]:
    """Sends a message; redirects are not followed.

    Raises:
        ErrandError: if it was not taken.
    """
    try:
        connector = aiohttp.TCPConnector(resolver=GuardedResolver(addresses))
        async with (
            aiohttp.ClientSession(connector=connector, timeout=TIMEOUT) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            if 200 <= answer.status < 300:
                return {"status": answer.status}
            said = (await answer.content.read(READ)).decode("utf-8", "replace")
            raise ErrandError(
                f"{_shown(url)} answered with status {answer.status}: {' '.join(said.split())[:200]}",
                final=answer.status == GONE,
                after=retry_after(answer.headers.get(hdrs.RETRY_AFTER, "")),
            )
    except PullError as error:
        raise ErrandError(INWARD.format(_shown(url)), final=True) from error
    except (aiohttp.ClientError, ValueError, OSError) as error:
        if isinstance(error.__cause__, PullError):
            raise ErrandError(INWARD.format(_shown(url)), final=True) from error
        reason = "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
        raise ErrandError(f"{_shown(url)} could not be told: {reason}") from error


def _shown(url: str) -> str:
    """An address for logs and reasons, without what may be a key in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _carrier(service: Service, plan: DeliveryPlan) -> Carrier:
    webhooks = Webhooks(service, plan)
    return Carrier(WEBHOOK, PAUSES, webhooks.place, webhooks.carry)


KIND = ErrandKind(WEBHOOK, _carrier)
