"""How much memory an evaluation takes beside the weights: a pass through the same network on tensors without memory.

On torch's meta device a forward pass allocates nothing and computes nothing, but makes every tensor that a real one
would make, and drops it at the same moment. So the largest sum of what is alive is the peak of a real pass, for any
network and any size, without a table. What kernels take for themselves is not in it: the truth is a little more.
"""

import logging
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map_only

logger = logging.getLogger(__name__)

Shapes = tuple[tuple[int, ...], ...]


class WorkEstimate:
    """Bytes that evaluations of a network take, by the shapes of what it is given.

    Args:
        build: Makes the network; called with ``meta`` as the default device.
        dtype: What it computes in.
    """

    def __init__(self, build: Callable[[], nn.Module], dtype: torch.dtype) -> None:
        self._build, self._dtype = build, dtype
        self._known: dict[tuple[str, Shapes], int] = {}

    def bytes(self, part: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> int:
        """What an evaluation takes; 0 if it cannot be found out. Cost: the first time for a shape some 0.3 s.

        Args:
            part: Name of the module that is called; empty for the network itself.
            inputs: What it is called with; the first tensor's first side is the batch.
            options: The same, by name.
        """
        tensors = [leaf for leaf in tree_leaves((inputs, dict(options))) if isinstance(leaf, Tensor)]
        batch = max(1, len(tensors[0])) if tensors and tensors[0].ndim else 1
        key = part, tuple(tuple(tensor.shape[1:]) for tensor in tensors)
        if key not in self._known:
            self._known[key] = -(-self._measured(part, inputs, options) // batch)
        return self._known[key] * batch

    def _measured(self, part: str, inputs: Sequence[Any], options: Mapping[str, Any]) -> int:
        try:
            with torch.device("meta"):
                network = self._build().requires_grad_(requires_grad=False).eval()
                nn.Module.to(network, self._dtype)  # diffusers' own warns about types that are none of its business
            given, told = tree_map_only(Tensor, _without_memory, (tuple(inputs), dict(options)))
            with torch.device("meta"), torch.no_grad(), _Attention(), _Alive() as alive:
                network.get_submodule(part)(*given, **told)
        except Exception:
            # Networks that look at values while they run cannot run without any; theirs is found out by running.
            logger.debug("The work of a network could not be foreseen.", exc_info=True)
            return 0
        return alive.most


def _without_memory(tensor: Tensor) -> Tensor:
    return torch.empty_like(tensor, device="meta")


class _Attention(TorchFunctionMode):
    """Attention as fused kernels have it: only its result takes memory."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        options = kwargs or {}
        if func is torch.nn.functional.scaled_dot_product_attention:
            given = dict(zip(("query", "key", "value"), args, strict=False)) | options
            query, value = given["query"], given["value"]
            return query.new_empty((*query.shape[:-1], value.shape[-1]))
        return func(*args, **options)


class _Alive(TorchDispatchMode):
    """Counts the bytes of all tensors that are alive."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self._seen: dict[int, weakref.ref[Any]] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made = func(*args, **(kwargs or {}))
        given = {id(leaf.untyped_storage()) for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor)}
        for leaf in tree_leaves(made):
            if isinstance(leaf, Tensor):
                storage = leaf.untyped_storage()
                if id(storage) not in given and id(storage) not in self._seen:
                    self._born(storage)
        return made

    def _born(self, storage: torch.UntypedStorage) -> None:
        key, size = id(storage), storage.nbytes()

        def gone(_: Any) -> None:
            self.now -= size
            del self._seen[key]

        self._seen[key] = weakref.ref(storage, gone)
        self.now += size
        self.most = max(self.most, self.now)
