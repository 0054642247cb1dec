"""Brings one file here: several connections, resumed wherever it was cut, its digests taken while it arrives.

The file is cut into blocks, which connections take from the front. Whatever arrives is kept and written down, so a cut
connection, a stopped program or a crash costs no byte twice. A server that has another version of the file than the one
that was begun, or that cannot send parts, makes it begin anew.
Source: RFC 9110, sections 13.1.5 (If-Range), 14.2 (Range) and 15.3.7 (206).
"""

import asyncio
import time
from dataclasses import dataclass

import aiohttp

from limner.graph.errors import LimnerError
from limner.hub.answers import Answer, range_headers, read_answer, refuse_page
from limner.hub.arrivals import check_beginning
from limner.hub.digests import Digests, StreamDigests
from limner.hub.events import FilePaused, FileProgress, FileStarted, Tell
from limner.hub.gaps import Gaps, Range
from limner.hub.part_file import PartFile, PartNote
from limner.hub.patience import BUSY, Attempt
from limner.hub.refusal import PullError
from limner.hub.room import check_room, unwritable
from limner.hub.source import RemoteFile
from limner.hub.web import Web

BLOCK = 32 << 20
"""Bytes that a connection asks for at once."""

ENDLESS = 1 << 62
"""Stands for a size that the server does not tell."""

GAIN = 64 << 10
"""Bytes that make a try worth it, though it failed in the end."""

GLANCE = 64 << 10
"""Bytes at the beginning that tell whether it is worth going on."""

STEP = 64 << 20
"""Bytes that digests follow in one go."""

NOTED, TOLD = 2.0, 0.1
"""Seconds between two notes of what has arrived, and between two words about it."""

ANEW = 5
"""How often a file may be begun, before its server is taken to be at fault."""


class _AnewError(Exception):
    """What has arrived cannot be gone on with."""


@dataclass(frozen=True)
class Arrived:
    """A file that is here, unchecked: its size, its digests, the version that the server gave it, bytes received."""

    size: int
    digests: Digests
    validator: str
    received: int


@dataclass
class _Span:
    """What one request is to bring: from its position to its end; ``claimed``: nobody else fetches it meanwhile."""

    position: int
    end: int
    claimed: bool = True


class Transfer:
    """The transfer of one file.

    Args:
        web: Asks.
        file: What for.
        part: Where its bytes go.
        connections: How many at once, at most.
        tell: Is told how it goes.
    """

    def __init__(self, web: Web, file: RemoteFile, part: PartFile, connections: int, tell: Tell) -> None:
        self._web, self._file, self._part, self._tell = web, file, part, tell
        self._connections, self._alive = max(1, connections), 0
        self._gaps: Gaps | None = None
        self._validator = ""
        self._digests = StreamDigests(part.read)
        self._received = 0
        self._told = 0.0
        self._over = self._glanced = False
        self._noting = asyncio.Lock()

    async def run(self) -> Arrived:
        """Fetches what is missing.

        Raises:
            PullError: if it cannot be had, or not be kept; what has arrived stays.
            ModelFileError: if its beginning is not that of such a file.
        """
        self._resume()
        attending = asyncio.create_task(self._attend())
        try:
            await self._fetch()
        finally:
            self._over = True
            await asyncio.gather(attending, return_exceptions=True)
        assert self._gaps is not None
        await asyncio.to_thread(self._digests.follow, self._gaps.size)
        return Arrived(self._gaps.size, self._digests.result(), self._validator, self._received)

    def _resume(self) -> None:
        """Goes on from what an earlier run wrote down, if it is of the same file."""
        note, file = self._part.note(), self._file
        if note is None or not _is_same(note, file):
            self._part.empty()
            return
        self._validator = note.validator
        self._gaps = Gaps(note.size, note.done, block=BLOCK)
        self._tell(FileStarted(name=file.name, total=note.size, done=self._gaps.arrived))

    async def _fetch(self) -> None:
        for _ in range(ANEW):
            try:
                await self._fetch_once()
                return
            except _AnewError as error:
                self._gaps, self._validator = None, ""
                self._digests = StreamDigests(self._part.read)
                self._part.empty()
                self._tell(FilePaused(name=self._file.name, reason=f"{error}; it is begun anew"))
        raise PullError("unreachable", f"{self._file.url} could not be had whole in {ANEW} tries. Try again later.")

    async def _fetch_once(self) -> None:
        """Fetches until all is there, by as many connections as there is work for.

        Raises:
            _AnewError: if it cannot go on.
        """
        try:
            async with asyncio.TaskGroup() as group:
                if self._gaps is not None:
                    self._spread(group)
                else:
                    self._alive = 1
                    group.create_task(self._connection(group))
        except BaseExceptionGroup as several:
            raise _chief(several) from None
        finally:
            await self._remember()

    def _spread(self, group: asyncio.TaskGroup) -> None:
        """Adds connections while there is work for more."""
        missing = self._gaps.size - self._gaps.arrived if self._gaps else 0
        useful = min(self._connections, -(-missing // BLOCK))
        while self._alive < useful:
            self._alive += 1
            group.create_task(self._connection(group))

    async def _connection(self, group: asyncio.TaskGroup) -> None:
        """Fetches range after range; is one fewer if the server has too much to do."""
        attempt = self._web.patience.attempt(self._file.url)
        try:
            while (taken := self._next()) is not None:
                status = await self._try(_Span(*taken, claimed=self._gaps is not None), attempt, group)
                if status in BUSY and self._alive > 1:
                    return
                if status != 200:
                    self._tell(FilePaused(name=self._file.name, reason=attempt.reason))
                    await attempt.pause()
        finally:
            self._alive -= 1

    def _next(self) -> Range | None:
        """What is to be fetched next; the beginning, if nothing is known of the file yet."""
        return self._gaps.take() if self._gaps is not None else (0, BLOCK)

    async def _try(self, span: _Span, attempt: Attempt, group: asyncio.TaskGroup) -> int:
        """Fetches a range as far as it goes; the status, 200 if there was nothing amiss, 0 if the connection ended."""
        begin, file = span.position, self._file
        headers = range_headers(span.position, span.end, "" if file.sha256 else self._validator)
        status = 200
        try:
            async with self._web.get(file.url, token=file.token, headers=headers) as response:
                if response.status in (200, 206):
                    await self._receive(response, span, group)
                elif response.status == 416:
                    raise _AnewError("the server has fewer bytes than were there before")
                else:
                    status = response.status
                    attempt.refuse(status, response.headers, file.gate)
        except (aiohttp.ClientError, TimeoutError, ConnectionError) as error:
            status = 0
            self._failed(attempt, error, span.position - begin)
        finally:
            if self._gaps is not None and span.claimed:
                self._gaps.give_back(span.position, span.end)
        if status == 200 and span.position - begin >= GAIN:
            attempt.gained()
        return status

    def _failed(self, attempt: Attempt, error: Exception, gained: int) -> None:
        """A connection ended early.

        Raises:
            PullError: if it was the last try.
            _AnewError: if nothing says where it could go on.
        """
        if self._gaps is not None and self._gaps.size == ENDLESS:
            raise _AnewError("the connection ended, and the server cannot send the rest")
        if gained >= GAIN:
            attempt.gained()
        attempt.fail(error)

    async def _receive(self, response: aiohttp.ClientResponse, span: _Span, group: asyncio.TaskGroup) -> None:
        """Takes in what an answer holds."""
        refuse_page(response, self._file.name)
        answer = read_answer(response)
        if self._gaps is None:
            self._begin(answer, span)
            if answer.partial:
                self._spread(group)
        else:
            self._compare(answer, span)
        gaps = self._gaps
        assert gaps is not None
        async for piece in response.content.iter_any():
            data = piece[: span.end - span.position]
            self._write(span.position, data)
            gaps.add(span.position, span.position + len(data))
            span.position += len(data)
            self._received += len(piece)
            self._glance(gaps)
            self._say(gaps)
            if span.position == span.end:
                break
        if gaps.size == ENDLESS:
            self._gaps = Gaps(span.position, [(0, span.position)], block=BLOCK)
            span.end = span.position
        elif span.position < span.end:
            raise aiohttp.ClientPayloadError("the answer was shorter than announced")

    def _begin(self, answer: Answer, span: _Span) -> None:
        """Learns from the first answer what the file is.

        Raises:
            PullError: if it cannot be the one that was meant, or there is no room for it.
        """
        file, total = self._file, answer.total
        if total is not None and file.size not in (None, total) and not file.sha256:
            raise PullError("wrong_file", f"{file.name}: {file.size} bytes were announced, {file.url} has {total}.")
        if total is not None:
            check_room(self._part.path.parent, total, file.name)
        size = ENDLESS if total is None else total
        self._validator = answer.validator
        self._gaps = Gaps(size, block=BLOCK if answer.partial else size)
        span.position, span.end = self._gaps.take() or (0, 0)
        span.claimed = True
        self._tell(FileStarted(name=file.name, total=-1 if total is None else total))

    def _compare(self, answer: Answer, span: _Span) -> None:
        """Sees whether an answer goes on where the file was left.

        Raises:
            _AnewError: if it does not.
        """
        assert self._gaps is not None
        known = self._validator and answer.validator and not self._file.sha256
        if answer.total != self._gaps.size or (known and answer.validator != self._validator):
            raise _AnewError("the server has another version by now")
        if answer.begin != span.position or (not answer.partial and self._gaps.arrived):
            raise _AnewError("the server cannot send the rest")
        if not answer.partial:
            span.end = self._gaps.size

    def _write(self, position: int, data: bytes) -> None:
        try:
            self._part.write(position, data)
        except OSError as error:
            raise unwritable(self._part.path, error) from error

    def _glance(self, gaps: Gaps) -> None:
        """Looks at the first bytes, once.

        Raises:
            ModelFileError: if they cannot be those of such a file.
        """
        if not self._glanced and gaps.front >= min(GLANCE, gaps.size):
            self._glanced = True
            check_beginning(self._part.read(0, min(GLANCE, gaps.front)), gaps.size, self._part.target.name)

    def _say(self, gaps: Gaps) -> None:
        now = time.monotonic()
        if now - self._told >= TOLD or gaps.is_whole:
            self._told = now
            total = -1 if gaps.size == ENDLESS else gaps.size
            self._tell(FileProgress(name=self._file.name, done=gaps.arrived, total=total))

    async def _attend(self) -> None:
        """Beside the connections: lets the digests follow, and writes down what is there."""
        noted = time.monotonic()
        while not self._over and await self._follow():
            if time.monotonic() - noted >= NOTED:
                await self._remember()
                noted = time.monotonic()
            await asyncio.sleep(0.02)

    async def _follow(self) -> bool:
        """Lets the digests follow a step; False if they cannot: the last reading, after the transfer, tells why."""
        gaps, digests = self._gaps, self._digests
        if gaps is None:
            return True
        try:
            await asyncio.to_thread(digests.follow, min(gaps.front, digests.position + STEP))
        except OSError:
            return digests is not self._digests
        return True

    async def _remember(self) -> None:
        """Writes down what is there; one at a time, so that the last word is the newest."""
        async with self._noting:
            gaps = self._gaps
            if gaps is None or gaps.size == ENDLESS:
                return
            note = PartNote(
                url=self._file.address,
                size=gaps.size,
                validator=self._validator,
                sha256=self._file.sha256,
                done=gaps.done,
            )
            try:
                await asyncio.to_thread(self._part.remember, note)
            except OSError as error:
                raise unwritable(self._part.path, error) from error


def _is_same(note: PartNote, file: RemoteFile) -> bool:
    """Whether what was begun is the file that is wanted."""
    if file.sha256:
        return note.sha256 == file.sha256
    return note.url == file.address and file.size in (None, note.size)


def _chief(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error of a group that says the most: one of ours, if there is one."""
    return min(several.exceptions, key=lambda error: not isinstance(error, _AnewError | LimnerError))
