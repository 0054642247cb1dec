"""A network whose forward pass is compiled: the first pass of each shape takes a minute or more, the others less time.

What steps into a UNet block by block (patches, control networks) runs as before: there is no forward pass of the
network's own then. So do networks whose blocks come and go: what moves weights is nothing for a compiler.
"""

import logging
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import torch
from torch import nn

from limner.graph.errors import SettingsError

logger = logging.getLogger(__name__)

INDUCTOR, CUDAGRAPHS = "inductor", "cudagraphs"
COMPILERS = ("c++", "g++", "clang++", "cl")
"""Of C++, by the names that systems have for them; the environment's ``CXX`` comes first."""


@dataclass(frozen=True)
class Compiled:
    """A patch.

    Attributes:
        backend: One of those that torch.compile knows.
    """

    backend: str
    _made: dict[type, Callable[..., Any]] = field(default_factory=dict, compare=False, repr=False)
    """By class of network. Weights are arguments to what is compiled, so networks of one class do not meet in it."""

    def replacements(self, network: nn.Module) -> Sequence[tuple[nn.Module, Callable[..., Any]]]:
        """See ``BlockPatch``."""
        return [] if _moves(network) else [(network, self._run)]

    def _run(self, own: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The network's forward, compiled; one that somebody else has wrapped already runs as it is.

        Raises:
            SettingsError: if it cannot be compiled; says why.
        """
        network = getattr(own, "__self__", None)
        if not isinstance(network, nn.Module):
            return own(*args, **kwargs)
        kind = type(network)
        if kind not in self._made:
            self._made[kind] = torch.compile(kind.forward, backend=self.backend)
        try:
            return self._made[kind](network, *args, **kwargs)
        except _failures() as error:
            raise SettingsError(
                f"torch.compile cannot compile {kind.__name__} with {self.backend}: {_reason(error)} Remove the "
                "node that asks for it, or choose another backend."
            ) from error


def check_compiler(backend: str, device: torch.device) -> None:
    """Raises SettingsError if what a backend needs on a device is not there."""
    if backend == CUDAGRAPHS and device.type != "cuda":
        raise SettingsError(f"The backend cudagraphs is for CUDA, but the network runs on {device}. Choose inductor.")
    if backend != INDUCTOR:
        return
    if device.type in ("cuda", "xpu") and find_spec("triton") is None:
        raise SettingsError(
            f"Compiling for {device} needs the package triton, which is not installed. Install it (pip install triton; "
            "triton-windows on Windows), or remove the node that asks for it."
        )
    named = os.environ.get("CXX")
    if device.type == "cpu" and not any(shutil.which(name) for name in ([named] if named else COMPILERS)):
        raise SettingsError(
            f"Compiling for the CPU needs a C++ compiler, and there is none ({named or ', '.join(COMPILERS)}). Install "
            "one (for instance the package g++), or remove the node that asks for it."
        )


def _moves(network: nn.Module) -> bool:
    """Whether blocks come and go."""
    moves = any(module._forward_pre_hooks for module in network.modules() if module is not network)
    if moves:
        logger.debug("%s is not whole on its device, so it runs without being compiled.", type(network).__name__)
    return moves


def _failures() -> tuple[type[Exception], ...]:
    """What torch.compile raises; all of it is imported with the first compilation, not before."""
    from torch._dynamo.exc import TorchDynamoException
    from torch._inductor.exc import CppCompileError, InvalidCxxCompiler

    return TorchDynamoException, CppCompileError, InvalidCxxCompiler


def _reason(error: Exception) -> str:
    """The first two lines of what an error says; advice for those who write compilers follows them."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (" ".join(lines[:2]) or type(error).__name__).rstrip(".") + "."
