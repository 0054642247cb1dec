"""The kinds of adapters that there are, and what a file holds of each: kinds may differ from layer to layer."""

import re
from collections.abc import Iterable, Mapping

from torch import Tensor

from limner.graph.discovery import discover
from limner.graph.errors import ModelFileError
from limner.models import adapters
from limner.models.adapters import dora
from limner.models.adapters.adapter import BIAS, Adapter, AdapterKind, Change, Parts, Rewrite
from limner.models.adapters.lora import PROCESSOR, processor_layer
from limner.models.adapters.module_names import plain_names
from limner.models.adapters.stated import stated_in, stated_of
from limner.models.load.misplaced import advice
from limner.models.load.model_file import ModelFile

ALPHA = (r"\.alpha", "alpha")


def load_kinds() -> Mapping[str, AdapterKind]:
    """All kinds by name."""
    return discover(adapters, AdapterKind, lambda kind: kind.name)


def adapter_kind(names: Iterable[str], kinds: Mapping[str, AdapterKind]) -> str:
    """The kind of a file's first adapted layer, by tensor names alone; empty if the file is no adapter."""
    nothing = Tensor()
    for parts in _modules(dict.fromkeys(names, nothing), kinds).values():
        found = next((kind.name for kind in kinds.values() if kind.made_of(parts)), "")
        if found:
            return found
    return ""


def read_adapter(name: str, file: ModelFile, kinds: Mapping[str, AdapterKind]) -> Adapter:
    """The adapter in a file.

    Raises:
        ModelFileError: if it is of no known kind.
    """
    changes: dict[str, Change | Rewrite] = {}
    stated = stated_in(file)
    for module, parts in _modules(file.read(), kinds).items():
        changes |= _changes(module, stated_of(module, stated).filled(module, parts), kinds)
    if not changes:
        shown = ", ".join(list(file.tensors)[:3])
        raise ModelFileError(
            f"{file.path.name} is no adapter of a known kind ({', '.join(kinds)}): its tensors are called {shown} ..."
            f"{advice(file, 'loras')}"
        )
    return Adapter(name, file.identity, plain_names(changes))


def _modules(tensors: Mapping[str, Tensor], kinds: Mapping[str, AdapterKind]) -> dict[str, dict[str, Tensor]]:
    """A file's tensors by module and part."""
    known = [*(pair for kind in kinds.values() for pair in kind.endings), *dora.ENDINGS, ALPHA]
    # The most exact ending first: ``.lora_up.weight`` before ``.weight``.
    endings = [(re.compile(f"(.+){ending}"), part) for ending, part in sorted(known, key=lambda pair: -len(pair[0]))]
    modules: dict[str, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        for pattern, part in endings:
            found = pattern.fullmatch(name)
            if found:
                module = PROCESSOR.sub(processor_layer, found[1])
                modules.setdefault(module, {})[part] = tensor
                break
    return modules


def _changes(module: str, parts: Parts, kinds: Mapping[str, AdapterKind]) -> dict[str, Change | Rewrite]:
    """What a module's parts change: its weight, its bias, or both."""
    changes: dict[str, Change | Rewrite] = {}
    kind = next((kind for kind in kinds.values() if kind.made_of(parts)), None)
    if kind is not None:
        changes[module] = dora.decomposed(kind.read(parts), parts)
    for bias in filter(None, (kind.bias(parts) for kind in kinds.values())):
        changes[module + BIAS] = bias
    return changes
