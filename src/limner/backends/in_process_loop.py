"""The event loop of a backend: one thread on which all coroutine nodes run beside each other."""

import asyncio
import contextlib
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable, Mapping
from concurrent.futures import Future
from typing import Any

_PATIENCE = 5.0
"""Seconds that closing waits for coroutines to end."""


def inference() -> contextlib.AbstractContextManager[Any]:
    """A context without gradients, if a tensor library is loaded at all: this module never loads one."""
    torch = sys.modules.get("torch")
    return torch.inference_mode() if torch is not None else contextlib.nullcontext()


class Loop:
    """An asyncio loop in its own thread, started when it is needed first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def submit(self, coroutine: Coroutine[Any, Any, Any]) -> "Future[Any]":
        """Runs a coroutine; cancelling the future cancels it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._running())

    def close(self) -> None:
        """Cancels what still runs and ends the thread."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            # A coroutine that blocks cannot be stopped; it must not stop us either.
            thread.join(_PATIENCE)

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=_serve, args=(self._loop,), name="limner-coroutines", daemon=True
                )
                self._thread.start()
            return self._loop


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


class RaisedError(Exception):
    """Carries what a coroutine raised over the event loop.

    SystemExit and KeyboardInterrupt would otherwise end the loop, and every other job with it.
    """

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error


class _WithoutGradients(Generator[Any, Any, Any]):
    """An awaitable whose every stretch between two suspensions runs without gradients.

    The mode belongs to the thread, which other coroutines use in between, so it cannot be held while this one waits.
    """

    def __init__(self, inner: Awaitable[Any]) -> None:
        self._inner = inner.__await__()

    def __await__(self) -> "_WithoutGradients":
        return self

    def send(self, value: Any, /) -> Any:
        """Continues to the next suspension."""
        with inference():
            return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        """Continues with an exception; this is how a cancellation arrives."""
        with inference():
            return self._inner.throw(*error)


async def guarded(function: Callable[..., Awaitable[Any]], arguments: Mapping[str, Any]) -> Any:
    """Calls a coroutine function and awaits it.

    Raises:
        RaisedError: with whatever it raised, unless it was cancelled.
    """
    try:
        return await _WithoutGradients(function(**arguments))
    except (asyncio.CancelledError, GeneratorExit):
        raise
    except BaseException as error:
        raise RaisedError(error) from None


async def together(coroutines: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Awaits all at once; the first failure cancels the others."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in coroutines]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
