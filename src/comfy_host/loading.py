"""Imports node packs and collects what they bring. Whatever a pack does, the others load and the worker goes on."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import logging
import sys
import time
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from comfy_host.adapter import definition_of
from comfy_host.missing import loading, missing_names
from comfy_host.packs import Pack, PackRecord
from comfy_host.watch import ImportWatch
from limner.graph.catalog import PackReport
from limner.graph.declare import NodeDefinition

LOG = logging.getLogger(__name__)

Await = Callable[[Any], Any]
"""Gives what an awaitable comes to."""


@dataclass(frozen=True)
class PackClass:
    """A class that a pack brings."""

    kind: Any
    display_name: str | None
    module: str


@dataclass
class Loaded:
    """What packs brought.

    Attributes:
        definitions: By the name that documents use.
        classes: The same names with their classes.
        web: Folders of scripts by the name below ``/extensions/``.
        reports: One a pack, in order.
        extensions: V3 extensions; ``on_load`` was called.
    """

    definitions: dict[str, NodeDefinition] = field(default_factory=dict)
    classes: dict[str, PackClass] = field(default_factory=dict)
    web: dict[str, str] = field(default_factory=dict)
    reports: list[PackReport] = field(default_factory=list)
    extensions: list[Any] = field(default_factory=list)


class PackLoader:
    """Loads packs one after another, in the thread that calls.

    Args:
        reserved: Names of Limner's own nodes, which no pack replaces.
        record: Which packs are switched off.
        watch: Guards each import.
        wait: Waits for coroutines of V3 packs.
    """

    def __init__(self, reserved: Collection[str], record: PackRecord, watch: ImportWatch, wait: Await) -> None:
        self._reserved, self._record, self._watch, self._wait = reserved, record, watch, wait
        self.loaded = Loaded()

    def load_all(self, packs: Sequence[Pack], errors: Mapping[str, str] | None = None) -> Loaded:
        """Loads packs; ``errors`` are those of their prestartup scripts."""
        for pack in packs:
            report = self.load(pack, (errors or {}).get(pack.name, ""))
            self.loaded.reports.append(report)
            level = logging.INFO if report.state == "loaded" else logging.WARNING
            LOG.log(level, "%s", summary(report))
        return self.loaded

    def load(self, pack: Pack, warning: str = "") -> PackReport:
        """Loads one pack and says how it went."""
        reason = self._record.reason(pack)
        if reason is not None:
            return _report(pack, "off", reason)
        began = time.monotonic()
        failures: dict[str, str] = {}
        before = set(self.loaded.definitions)
        try:
            with self._watch.over(pack), loading(pack.name):
                module = _import(pack)
                found = self._take(pack, module, failures)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # somebody else's module may raise anything, SystemExit as well
            _forget(pack)
            LOG.info("Node pack %s cannot be imported.", pack.name, exc_info=error)  # load_all warns in one line
            return _report(pack, "failed", _explain(pack, error), seconds=time.monotonic() - began)
        nodes = tuple(name for name in self.loaded.definitions if name not in before)
        state = "loaded" if found else "skipped"
        reason = warning or ("" if found else "It has neither NODE_CLASS_MAPPINGS nor comfy_entrypoint.")
        return _report(
            pack, state, reason, seconds=time.monotonic() - began, nodes=nodes, failures=failures, web=self._web(pack)
        )

    def _take(self, pack: Pack, module: ModuleType, failures: dict[str, str]) -> bool:
        """Takes over what a module offers; whether it offers anything."""
        for name, folder in _web_folders(pack, module):
            self.loaded.web[name] = str(folder)
        mappings = getattr(module, "NODE_CLASS_MAPPINGS", None)
        if isinstance(mappings, Mapping):
            names = getattr(module, "NODE_DISPLAY_NAME_MAPPINGS", None)
            names = names if isinstance(names, Mapping) else {}
            for name, kind in mappings.items():
                self.take_class(str(name), PackClass(kind, names.get(name), pack.shown_module), failures)
            return True
        entry = getattr(module, "comfy_entrypoint", None)
        if not callable(entry):
            return False
        extension = self._awaited(entry())
        if hasattr(extension, "on_load"):
            self._awaited(extension.on_load())
        self.loaded.extensions.append(extension)
        for kind in self._awaited(extension.get_node_list()):
            schema = kind.GET_SCHEMA()
            self.take_class(schema.node_id, PackClass(kind, schema.display_name, pack.shown_module), failures)
        return True

    def take_class(self, name: str, found: PackClass, failures: dict[str, str]) -> None:
        """Adds a class as a node. Names that Limner has itself are left alone; later packs win over earlier ones."""
        if name in self._reserved:
            return
        try:
            definition = definition_of(found.kind, name, found.display_name, found.module)
        except Exception as error:  # the class's own code is asked for its inputs
            failures[name] = f"{type(error).__name__}: {error}"
            LOG.warning("Node %s of %s is left out: %s", name, found.module, failures[name])
            return
        self.loaded.definitions[name] = definition
        self.loaded.classes[name] = found

    def _awaited(self, value: Any) -> Any:
        return self._wait(value) if inspect.isawaitable(value) else value

    def _web(self, pack: Pack) -> tuple[str, ...]:
        return tuple(name for name, folder in self.loaded.web.items() if Path(folder).is_relative_to(pack.path))


def summary(report: PackReport) -> str:
    """One line about a pack."""
    if report.state == "loaded":
        failed = f", {len(report.failures)} left out" if report.failures else ""
        return f"node pack {report.name}: {len(report.nodes)} nodes{failed} in {report.seconds:.1f} s"
    state = {"off": "is switched off", "skipped": "is left out"}.get(report.state, report.state)
    return f"node pack {report.name} {state}: {report.reason}"


def _import(pack: Pack) -> ModuleType:
    """Imports a pack's module under the name that ComfyUI gives it."""
    name, entry = pack.module, pack.entry
    if not entry.is_file():
        raise ImportError(f"{pack.path} has no __init__.py.")
    folders = [str(pack.path)] if pack.path.is_dir() else None
    spec = importlib.util.spec_from_file_location(name, entry, submodule_search_locations=folders)
    if spec is None or spec.loader is None:
        raise ImportError(f"{entry} cannot be read as Python.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    importlib.invalidate_caches()
    spec.loader.exec_module(module)
    return module


def _forget(pack: Pack) -> None:
    """Drops the modules of a pack that failed, so that nobody imports half of it."""
    for name in [name for name in sys.modules if name == pack.module or name.startswith(pack.module + ".")]:
        del sys.modules[name]


def _web_folders(pack: Pack, module: ModuleType) -> Iterator[tuple[str, Path]]:
    """The folders of scripts that a pack declares, by the name that they are served under."""
    folder = getattr(module, "WEB_DIRECTORY", None)
    if isinstance(folder, str):
        path = (pack.path / folder).resolve()
        if path.is_dir():
            yield pack.path.name, path
    project = _project(pack)
    web = project.get("tool", {}).get("comfy", {}).get("web")
    if isinstance(web, str) and (pack.path / web).is_dir():
        name = project.get("project", {}).get("name")
        yield (name if isinstance(name, str) else pack.path.name), (pack.path / web).resolve()


def _project(pack: Pack) -> dict[str, Any]:
    try:
        return tomllib.loads((pack.path / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _explain(pack: Pack, error: BaseException) -> str:
    asked = missing_names(pack.name)
    reason = f"{type(error).__name__}: {error}".strip().rstrip(":")
    if asked and isinstance(error, ImportError | AttributeError):
        return f"{reason} (asked for in vain: {', '.join(asked)})"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"{reason}. Install what it needs: `limner nodes install {pack.path}`."
    return reason


def _report(
    pack: Pack,
    state: str,
    reason: str = "",
    *,
    seconds: float = 0.0,
    nodes: tuple[str, ...] = (),
    failures: Mapping[str, str] | None = None,
    web: tuple[str, ...] = (),
) -> PackReport:
    return PackReport(
        name=pack.name,
        path=str(pack.path),
        state=state,
        reason=reason,
        nodes=nodes,
        failures=dict(failures or {}),
        missing=missing_names(pack.name),
        web=web,
        seconds=round(seconds, 3),
    )
