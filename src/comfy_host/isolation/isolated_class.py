"""Nodes of an isolated pack as the worker knows them: beside V1 and V3, a third kind of class."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import msgspec

from comfy_host.isolation.isolated_pack import IsolatedPack
from comfy_host.isolation.messages import NodeFacts
from comfy_host.pack_step import SERVICES, PackStep
from limner.graph.declare import NodeDefinition
from limner.graph.node_type import NodeType


@dataclass(frozen=True)
class IsolatedClass:
    """A class that lies in the process of its pack.

    Args:
        pack: The pack.
        facts: What it was when the pack was loaded.
    """

    pack: IsolatedPack
    facts: NodeFacts

    @property
    def name(self) -> str:
        """As in documents."""
        return self.facts.type.name

    def call(self, **given: Any) -> Any:
        """Calls the node's function, one at a time: if its process crashes, no other job's step was in it."""
        step, inputs = PackStep.split(given)
        with step.entered(self.facts.type.pack):
            return self._called(step, inputs)

    async def call_async(self, **given: Any) -> Any:
        """Calls the node's coroutine, which runs there while others run here."""
        step, inputs = PackStep.split(given)
        return await asyncio.to_thread(self._called, step, inputs)

    def _called(self, step: PackStep, inputs: dict[str, Any]) -> Any:
        result, changed = self.pack.ask("call", self.name, inputs, step)
        for name, value in changed.items():
            _write_back(inputs[name], value)
        return result

    def needs(self, **given: Any) -> Any:
        """Asks which lazy inputs are wanted."""
        step, inputs = PackStep.split(given)
        return self.pack.ask("needs", self.name, inputs, step)

    def fingerprint(self, **given: Any) -> Any:
        """What the class says of its state, and which process it is in: objects do not outlive theirs."""
        step, inputs = PackStep.split(given)
        own = self.pack.ask("fingerprint", self.name, inputs, step) if "fingerprint" in self.facts.functions else None
        return [self.pack.generation, own]

    def validate(self, **inputs: Any) -> Any:
        """Asks the class whether values are right."""
        return self.pack.ask("validate", self.name, inputs)

    def inspect(self, **inputs: Any) -> Any:
        """Asks what is wrong with the keys of dynamic inputs."""
        return self.pack.ask("inspect", self.name, inputs)

    def definition(self, described: NodeType | None = None) -> NodeDefinition:
        """The class as a node definition."""
        functions = self.facts.functions
        return NodeDefinition(
            type=msgspec.structs.replace(described or self.facts.type, asks_fingerprint=True),
            function=self.call_async if self.facts.is_coroutine else self.call,
            services=SERVICES,
            fingerprint=self.fingerprint,
            validate=self.validate if "validate" in functions else None,
            needs=self.needs if "needs" in functions else None,
            inspect=self.inspect if "inspect" in functions else None,
        )


def definition_of(kind: IsolatedClass, name: str, display_name: str | None, module: str) -> NodeDefinition:
    """The class as it is now: asks its process."""
    return kind.definition(msgspec.json.decode(kind.pack.ask("type", name), type=NodeType))


def node_info(kind: IsolatedClass, name: str, display_name: str | None, module: str) -> dict[str, Any]:
    """The class as ``/object_info`` shows it now; asks its process."""
    return json.loads(kind.pack.ask("info", name))


def _write_back(held: Any, changed: Any) -> None:
    """Makes changes that were made to a copy: packs write into the documents that go into pictures."""
    if isinstance(held, dict) and isinstance(changed, dict):
        held.clear()
        held.update(changed)
    elif isinstance(held, list) and isinstance(changed, list):
        for inner, fresh in zip(held, changed, strict=False):
            _write_back(inner, fresh)
