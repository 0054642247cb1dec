"""Takes what isolated packs bring over into the worker, beside what was loaded there."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from comfy_host.context import Host
from comfy_host.isolation.isolated_class import IsolatedClass
from comfy_host.isolation.isolated_pack import IsolatedPack
from comfy_host.isolation.messages import Described
from comfy_host.loading import PackClass, PackLoader, summary
from comfy_host.packs import PackRecord
from limner.graph.catalog import PackGateway, PackReport, PackRoute
from limner.graph.errors import WorkerLostError

LOG = logging.getLogger(__name__)


@dataclass
class Taken:
    """What isolated packs offer beside nodes.

    Attributes:
        packs: Those whose processes live.
        routes: Each says which socket it is on.
        gateways: Of the packs.
    """

    packs: list[IsolatedPack] = field(default_factory=list)
    routes: list[PackRoute] = field(default_factory=list)
    gateways: list[PackGateway] = field(default_factory=list)

    def joined(self, gateway: PackGateway) -> PackGateway:
        """The worker's gateway with what these packs add to it."""
        folders, suffixes = dict(gateway.folders), dict(gateway.suffixes)
        for other in self.gateways:
            for kind, paths in other.folders.items():
                folders[kind] = tuple(dict.fromkeys((*folders.get(kind, ()), *paths)))
            suffixes |= other.suffixes
        return msgspec.structs.replace(
            gateway, routes=(*gateway.routes, *self.routes), folders=folders, suffixes=suffixes
        )


def take_isolated(packs: Sequence[IsolatedPack], loader: PackLoader, record: PackRecord, host: Host) -> Taken:
    """Waits for isolated packs and takes what they bring.

    Args:
        packs: Started already, so that they are imported beside each other.
        loader: Gets their nodes and reports.
        record: Remembers those that failed.
        host: The worker's parts.
    """
    taken = Taken()
    for pack in packs:
        reason = record.reason(pack.pack)
        if reason is not None:
            report = PackReport(name=pack.pack.name, path=str(pack.pack.path), state="off", reason=reason)
        else:
            report = _take(pack, loader, record, host, taken)
        if report.state != "loaded":
            pack.close()
        loader.loaded.reports.append(msgspec.structs.replace(report, isolated=True))
        LOG.log(logging.INFO if report.state == "loaded" else logging.WARNING, "%s (isolated)", summary(report))
    return taken


def _take(pack: IsolatedPack, loader: PackLoader, record: PackRecord, host: Host, taken: Taken) -> PackReport:
    try:
        described = pack.described()
    except WorkerLostError as error:
        reason = f"{error} Mend it, then enable it."
        if not error.excused:
            record.switch_off(pack.pack, reason)
        return PackReport(name=pack.pack.name, path=str(pack.pack.path), state="failed", reason=reason)
    if described.report.state == "loaded":
        _take_nodes(pack, described, loader)
        _take_rest(pack, described, host, taken)
        loader.loaded.web.update(described.web)
    return described.report


def _take_nodes(pack: IsolatedPack, described: Described, loader: PackLoader) -> None:
    failures: dict[str, str] = {}
    for name, facts in described.nodes.items():
        kind = IsolatedClass(pack, facts)
        loader.take_class(name, PackClass(kind, facts.display_name, facts.type.module), failures)


def _take_rest(pack: IsolatedPack, described: Described, host: Host, taken: Taken) -> None:
    taken.packs.append(pack)
    host.switchboard.node_replacements.update(described.replacements)
    gateway = described.gateway
    if gateway is None:
        return
    taken.gateways.append(gateway)
    taken.routes += [msgspec.structs.replace(route, socket=gateway.socket) for route in gateway.routes]
    host.folders.add({kind: tuple(map(Path, paths)) for kind, paths in gateway.folders.items()}, gateway.suffixes)
    if gateway.handles_prompts:
        host.switchboard.prompt_handlers.append(lambda body: pack.ask("prompt", inputs=body))
