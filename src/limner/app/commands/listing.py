"""``limner list nodes|samplers|families|adapters ...``: what there is, and which file defines it."""

import argparse
import inspect
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from limner.app.commands.command import Command, add_device, add_places
from limner.app.settings import Settings, read_settings
from limner.graph.catalog import Named
from limner.graph.discovery import modules
from limner.storage.folders import KINDS


@dataclass(frozen=True)
class Row:
    """One thing: its name, a few words, and where it comes from."""

    name: str
    what: str
    source: str


def _nodes(settings: Settings) -> Iterator[Row]:
    from limner.app.registry import load_definitions

    for name, definition in sorted(load_definitions().items()):
        waits = definition.type.needs
        source = f"declared; needs {waits}" if waits else _source(definition.function)
        yield Row(name, definition.type.title, source)


def _samplers(settings: Settings) -> Iterator[Row]:
    from limner.sampling.registry import SamplingRegistry

    yield from map(_row, SamplingRegistry.discovered().named_samplers())


def _schedules(settings: Settings) -> Iterator[Row]:
    from limner.sampling.registry import SamplingRegistry

    yield from map(_row, SamplingRegistry.discovered().named_schedules())


def _families(settings: Settings) -> Iterator[Row]:
    from limner.app.catalogue import family_names

    yield from map(_row, family_names())


def _leaves(package: ModuleType, kind: type[Any]) -> Iterator[Row]:
    """The records of a leaf package, with the files that define them."""
    seen: set[str] = set()
    for module in modules(package):
        for value in vars(module).values():
            if isinstance(value, kind) and value.name not in seen:
                seen.add(value.name)
                yield Row(value.name, _first_line(value.doc), _short(module.__file__ or ""))


def _adapters(settings: Settings) -> Iterator[Row]:
    from limner.models import adapters
    from limner.models.adapters.adapter import AdapterKind

    yield from _leaves(adapters, AdapterKind)


def _autoencoders(settings: Settings) -> Iterator[Row]:
    from limner.models import autoencoders
    from limner.models.autoencoder_kind import AutoencoderKind

    yield from _leaves(autoencoders, AutoencoderKind)


def _controls(settings: Settings) -> Iterator[Row]:
    from limner.models import control
    from limner.models.control.control import ControlKind

    yield from _leaves(control, ControlKind)


def _model_patches(settings: Settings) -> Iterator[Row]:
    from limner.models import model_patches
    from limner.models.model_patches.model_patch import ModelPatchKind

    yield from _leaves(model_patches, ModelPatchKind)


def _text(settings: Settings) -> Iterator[Row]:
    from limner.models.text import kinds, recipes
    from limner.models.text.kind import TextKind
    from limner.models.text.recipe import TextRecipe

    yield from _leaves(kinds, TextKind)
    yield from _leaves(recipes, TextRecipe)


def _upscalers(settings: Settings) -> Iterator[Row]:
    from limner.models import upscalers
    from limner.models.upscalers.upscaler import UpscalerKind

    yield from _leaves(upscalers, UpscalerKind)


def _models(settings: Settings) -> Iterator[Row]:
    folders = settings.folders()
    for kind in KINDS:
        for name in folders.list(kind):
            yield Row(name, kind, str(folders.find(kind, name)))


LISTS: Mapping[str, Callable[[Settings], Iterator[Row]]] = {
    "nodes": _nodes,
    "samplers": _samplers,
    "schedules": _schedules,
    "families": _families,
    "text": _text,
    "autoencoders": _autoencoders,
    "adapters": _adapters,
    "controls": _controls,
    "model_patches": _model_patches,
    "upscalers": _upscalers,
    "models": _models,
}


def _row(named: Named) -> Row:
    return Row(named.name, _first_line(named.doc), _short(_file(named.source)))


def _file(source: str) -> str:
    """A source file; a module's dotted name becomes its file."""
    module = sys.modules.get(source)
    return getattr(module, "__file__", None) or source


def _source(function: Callable[..., object]) -> str:
    file = inspect.getsourcefile(inspect.unwrap(function))
    return _short(file) if file else ""


def _short(file: str) -> str:
    """A source file as seen from the package's folder, or its whole path if it lies elsewhere."""
    package = Path(__file__).parents[3]
    path = Path(file)
    return str(path.relative_to(package)) if path.is_relative_to(package) else str(path)


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0] if text.strip() else ""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=tuple(LISTS))
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_places(parser)
    add_device(parser)


def _run(arguments: argparse.Namespace) -> int:
    rows = list(LISTS[arguments.what](read_settings(vars(arguments))))
    if arguments.json:
        print(json.dumps([asdict(row) for row in rows], indent=1))
        return 0
    widths = [max((len(getattr(row, name)) for row in rows), default=0) for name in ("name", "what")]
    for row in rows:
        print(f"{row.name:{widths[0]}}  {row.what:{min(widths[1], 60)}}  {row.source}".rstrip())
    print(f"{len(rows)} {arguments.what}")
    return 0


LIST = Command("list", "List nodes, samplers, families, adapters ... or models.", _configure, _run)
