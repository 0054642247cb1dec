"""One batched forward pass: which calls share it, how large it gets, and what happens when it fails."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import torch
from torch import Tensor

from limner.sampling.denoiser import Denoiser
from limner.sampling.guidance import Call
from limner.sampling.variants import REPORTS


@dataclass(frozen=True)
class BatchLimit:
    """How large a batch may get before memory has its say.

    Attributes:
        samples: Most samples.
        elements: Most latent elements; the default is 16 latents of 4 x 128 x 128.
    """

    samples: int = 64
    elements: int = 1 << 20

    def of(self, call: Call) -> int:
        """Most samples in a batch of calls like this one."""
        return max(1, min(self.samples, self.elements // call.x[0].numel()))


CPU_WORDS = ("can't allocate memory", "not enough memory")
"""What torch says on a CPU, on Linux and on Windows."""


def ran_out_of_memory(error: Exception) -> bool:
    """Whether an error says that memory ran out; on a CPU torch says so in words only."""
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or (
        isinstance(error, RuntimeError) and any(words in str(error) for words in CPU_WORDS)
    )


class Forward:
    """Runs batches of calls.

    Args:
        limit: How large they may get.
        count: Told the samples of every pass.
    """

    def __init__(self, limit: BatchLimit, count: Callable[[int], None]) -> None:
        self.limit, self.count = limit, count
        self._learnt: dict[Hashable, int] = {}

    def allowed(self, call: Call) -> int:
        """Most samples in a batch like this call, after what running out of memory has taught."""
        return min(self.limit.of(call), self._learnt.get(call.group, self.limit.samples))

    def choose(self, waiting: Sequence[Call]) -> list[Call]:
        """The oldest call and, as far as the limit allows, those that can share a pass with it."""
        first = waiting[0]
        allowed, taken, batch = self.allowed(first), 0, []
        for call in waiting:
            if call.group == first.group and (not batch or taken + call.samples <= allowed):
                batch.append(call)
                taken += call.samples
        return batch

    def run(self, batch: Sequence[Call]) -> dict[Call, Exception]:
        """Answers the calls of a batch; gives those that failed.

        A batch that fails is divided until the call that fails alone is found. Where memory runs out, smaller batches
        are tried first, and remembered.
        """
        while True:
            error = self._attempt(batch)
            if error is None:
                return {}
            if not ran_out_of_memory(error):
                break
            size = min(self.allowed(batch[0]), sum(call.samples for call in batch))
            if size == 1 or _whole(batch):
                error.add_note("A single sample does not fit. Use a smaller size, or free the device's memory.")
                return dict.fromkeys(batch, error)
            self._learnt[batch[0].group] = size // 2
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
        if len(batch) == 1:
            return {batch[0]: error}
        half = len(batch) // 2
        return self.run(batch[:half]) | self.run(batch[half:])

    def _attempt(self, batch: Sequence[Call]) -> Exception | None:
        try:
            answers = self._predict(batch)
        except Exception as error:
            # The frames of the pass hold its tensors; without them a smaller batch has room.
            return error.with_traceback(None)
        for call, (x0, reports) in zip(batch, answers, strict=True):
            call.x0, call.reports = x0, reports
        return None

    def _predict(self, batch: Sequence[Call]) -> Sequence[tuple[Tensor, Mapping[str, Tensor]]]:
        denoiser = batch[0].denoiser
        counts = [call.samples for call in batch]
        x = torch.cat([call.x for call in batch])
        levels = [call.sigma for call in batch for _ in range(call.samples)]
        sigma = torch.tensor(levels, dtype=torch.float32, device=x.device)
        inputs = {name: torch.cat([call.inputs[name] for call in batch]) for name in batch[0].inputs}
        scaled = denoiser.parametrization.scale_input(x, sigma)
        timestep = denoiser.parametrization.timestep(sigma)
        outputs: list[Tensor] = []
        reports: dict[str, list[Tensor]] = {name: [] for name in denoiser.options.get(REPORTS, ())}
        for part in self._parts(batch):
            given = {name: value[part] for name, value in inputs.items()}
            outputs.append(_predicted(denoiser, scaled[part], timestep[part], given, reports))
            self.count(len(outputs[-1]))
        parts = {name: torch.cat(found).split(counts) for name, found in reports.items()}
        answers = denoiser.parametrization.x0(x, torch.cat(outputs), sigma).split(counts)
        return [(x0, {name: part[index] for name, part in parts.items()}) for index, x0 in enumerate(answers)]

    def _parts(self, batch: Sequence[Call]) -> list[slice]:
        """Samples that pass at once: as many as are allowed, or those of a call where they are one thing."""
        counts = [call.samples for call in batch]
        if _whole(batch):
            return [slice(end - count, end) for count, end in zip(counts, accumulate(counts), strict=True)]
        allowed = self.allowed(batch[0])
        return [slice(start, start + allowed) for start in range(0, sum(counts), allowed)]


def _whole(batch: Sequence[Call]) -> bool:
    """Whether the samples of a call are one thing, such as the frames of a video, that no pass may divide."""
    return batch[0].denoiser.latent_format.together


def _predicted(
    denoiser: Denoiser,
    x: Tensor,
    timestep: Tensor,
    inputs: Mapping[str, Tensor],
    reports: Mapping[str, list[Tensor]],
) -> Tensor:
    """A pass; what it gives beside its output is added to the lists of the reports that are wanted."""
    if not reports:
        return denoiser.predict(x, timestep, inputs)
    told: dict[str, Tensor] = {}
    output = denoiser.predict(x, timestep, inputs, told)
    for name, found in reports.items():
        found.append(told[name])
    return output
