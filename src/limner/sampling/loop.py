"""The denoising loop: one thread per device drives every walk that is alive and batches what they ask.

Walks never meet: each is a generator that asks for evaluations. Whatever their sigma, seed, prompt, step count or
sampler, calls under one network and of one shape share a forward pass. The loop waits for nobody: a walk that arrives
while a pass runs joins the next one. The oldest call chooses the next pass, so different networks and sizes take turns.
"""

import contextlib
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

import torch
from torch import Tensor

from limner.graph.errors import InterruptedRun, NumericsError
from limner.sampling.answering import Answers, answers
from limner.sampling.forward import BatchLimit, Forward
from limner.sampling.guidance import Call, Guidance, Question
from limner.sampling.walk import Evaluate, Walk

INTERRUPTED = "The sampling was interrupted."


@dataclass
class LoopCounters:
    """What a loop has done so far.

    Attributes:
        forwards: Forward passes.
        samples: Samples in them, all together.
        sizes: How many passes had how many samples.
    """

    forwards: int = 0
    samples: int = 0
    sizes: Counter[int] = field(default_factory=Counter)

    def count(self, samples: int) -> None:
        """One forward pass more."""
        self.forwards += 1
        self.samples += samples
        self.sizes[samples] += 1

    @property
    def mean_batch(self) -> float:
        """Samples per forward pass."""
        return self.samples / self.forwards if self.forwards else 0.0


class LiveWalk:
    """A walk in the loop's hands.

    Attributes:
        outcome: The last x, or why there is none.
    """

    def __init__(self, walk: Walk, guidance: Guidance) -> None:
        self.walk, self.guidance = walk, guidance
        self.outcome: Future[Tensor] = Future()
        self.question: Question | None = None
        self.evaluations = 0
        self._request: Evaluate | None = None
        self._asking: Answers | None = None
        self._stopped = threading.Event()

    def cancel(self) -> None:
        """Ends the walk before its next evaluation; callable from any thread."""
        self._stopped.set()

    @property
    def cancelled(self) -> bool:
        """Whether somebody asked the walk to end."""
        return self._stopped.is_set()

    def advance(self) -> Question | None:
        """Sends the present answer into the walk and gives the next question; None once the walk has ended.

        Runs in the loop's thread. Whatever goes wrong becomes the walk's outcome and nobody else's.
        """
        try:
            self.question = self._next_question()
        except StopIteration as end:
            self.outcome.set_result(end.value)
            return None
        except Exception as error:
            self.fail(error)
            return None
        return self.question

    def fail(self, error: Exception) -> None:
        """Ends the walk with an error."""
        with contextlib.suppress(Exception):  # a sampler that fails even at this must not end the loop
            self.walk.close()
        if not self.outcome.done():
            self.outcome.set_exception(error)

    def _next_question(self) -> Question:
        """The next one about the present x, or else, once its x0 is known, the first one about the next x."""
        while True:
            if self.cancelled:
                raise InterruptedRun(INTERRUPTED)
            if self._asking is None:
                request = next(self.walk)
            else:
                try:
                    return next(self._asking)
                except StopIteration as end:
                    answer = self._checked(end.value)
                request = self.walk.send(answer)
            self._request = request
            self._asking = answers(self.guidance, request.x, request.sigma)

    def _checked(self, x0: Tensor) -> Tensor:
        self.evaluations += 1
        if self._request is not None and not bool(torch.isfinite(x0).all()):
            raise NumericsError(
                f"Evaluation {self.evaluations} at sigma {self._request.sigma:.4g} gave values that are not finite "
                f"({_first_culprit(self._request)}). Try full precision, a lower cfg, or another model or VAE file."
            )
        return x0


def _first_culprit(request: Evaluate) -> str:
    if not bool(torch.isfinite(request.x).all()):
        return "the latent was not finite before it"
    return "the latent before it was finite, so they come from the network or from guidance"


class DenoisingLoop:
    """Drives all walks of a device. A Service: one per device; its thread starts with the first walk.

    Args:
        limit: How large a batch may get.
    """

    def __init__(self, limit: BatchLimit | None = None) -> None:
        self.counters = LoopCounters()
        self._forward = Forward(limit or BatchLimit(), self.counters.count)
        self._changed = threading.Condition()
        self._arrivals: deque[LiveWalk] = deque()
        self._alive: dict[Call, LiveWalk] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(self, walk: Walk, guidance: Guidance, done: Callable[[], None] | None = None) -> LiveWalk:
        """Takes a walk in; it begins at the next forward pass.

        Args:
            walk: The generator. From now on it runs in the loop's thread only.
            guidance: Its network under its guider. The caller holds the network's lease.
            done: Called in the loop's thread once the outcome is there.

        Raises:
            InterruptedRun: if the loop has been closed.
        """
        live = LiveWalk(walk, guidance)
        if done is not None:
            live.outcome.add_done_callback(lambda _: done())
        with self._changed:
            if self._closed:
                raise InterruptedRun("The denoising loop has been closed.")
            self._arrivals.append(live)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="denoising", daemon=True)
                self._thread.start()
            self._changed.notify()
        return live

    def close(self) -> None:
        """Ends all walks as interrupted, and the thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()

    @torch.no_grad()
    def _serve(self) -> None:
        reason: Exception = InterruptedRun("The denoising loop was closed while this sampling ran.")
        try:
            while self._admitted():
                self._sweep()
                if self._alive:
                    self._pass()
        except Exception as error:
            # A fault of the loop itself: nobody may be left waiting for an answer that never comes.
            reason = error
        finally:
            with self._changed:
                self._closed = True
                left = {*self._arrivals, *self._alive.values()}
            for live in left:
                live.fail(reason)

    def _admitted(self) -> bool:
        """Waits until there is something to do, and begins the walks that have arrived; False once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._arrivals or self._alive or self._closed)
            if self._closed:
                return False
            arrived = list(self._arrivals)
            self._arrivals.clear()
        for live in arrived:
            self._go_on(live)
        return True

    def _sweep(self) -> None:
        """Ends the walks that were cancelled while their calls waited."""
        for call, live in list(self._alive.items()):
            if live.cancelled:
                del self._alive[call]
                live.fail(InterruptedRun(INTERRUPTED))

    def _go_on(self, live: LiveWalk) -> None:
        """Advances a walk until it asks something of the network, or ends."""
        question = live.advance()
        while question is not None and not question.calls:
            question = live.advance()  # no conditioning counts at this sigma: its answer needs no network
        if question is not None:
            self._alive.update((call, live) for call in question.calls)

    def _pass(self) -> None:
        """One forward pass for the oldest call and all that can share it; then the walks it answered go on."""
        batch = self._forward.choose(list(self._alive))
        failed = self._forward.run(batch)
        walks = dict.fromkeys(self._alive.pop(call) for call in batch)
        for call, error in failed.items():
            self._drop(call, error, walks)
        for live in walks:
            if live.outcome.done() or (live.question is not None and not live.question.answered):
                continue
            self._go_on(live)

    def _drop(self, call: Call, error: Exception, walks: dict[LiveWalk, None]) -> None:
        """Fails the walk of a call, and forgets its other calls."""
        for live in walks:
            if live.question is not None and call in live.question.calls:
                live.fail(error)
                for other in live.question.calls:
                    self._alive.pop(other, None)
