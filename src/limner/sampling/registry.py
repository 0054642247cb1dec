"""The samplers and schedules that exist, by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType

from limner.graph.catalog import Named
from limner.graph.discovery import discover
from limner.graph.errors import UnknownNameError
from limner.sampling import samplers as sampler_package
from limner.sampling import schedules as schedule_package
from limner.sampling.sampler import Sampler
from limner.sampling.schedule import Schedule


@dataclass(frozen=True)
class SamplingRegistry:
    """Samplers and schedules by name."""

    samplers: Mapping[str, Sampler]
    schedules: Mapping[str, Schedule]

    @classmethod
    def discovered(
        cls, sampler_leaves: ModuleType = sampler_package, schedule_leaves: ModuleType = schedule_package
    ) -> "SamplingRegistry":
        """Everything that the two leaf packages define."""
        samplers = discover(sampler_leaves, Sampler, lambda found: found.name)
        schedules = discover(schedule_leaves, Schedule, lambda found: found.name)
        return cls(
            samplers=dict(sorted(samplers.items(), key=lambda item: (item[1].rank, item[0]))),
            schedules=dict(sorted(schedules.items(), key=lambda item: (item[1].rank, item[0]))),
        )

    def sampler(self, name: str) -> Sampler:
        """The sampler of a name, or of an alias that only one sampler has.

        Raises:
            UnknownNameError: if there is none.
        """
        found = self.samplers.get(name) or next(
            (known for known in self.samplers.values() if any(name in names for names in known.aliases.values())), None
        )
        if found is None:
            raise UnknownNameError("sampler", name, self.samplers, "`limner list samplers` shows all.")
        return found

    def schedule(self, name: str) -> Schedule:
        """The schedule of a name.

        Raises:
            UnknownNameError: if there is none.
        """
        if name not in self.schedules:
            raise UnknownNameError("schedule", name, self.schedules, "`limner list schedules` shows all.")
        return self.schedules[name]

    def named_samplers(self) -> tuple[Named, ...]:
        """The samplers as data, for the Catalog."""
        return tuple(
            Named(name=found.name, doc=found.doc, source=found.source, aliases=dict(found.aliases))
            for found in self.samplers.values()
        )

    def named_schedules(self) -> tuple[Named, ...]:
        """The schedules as data, for the Catalog."""
        return tuple(Named(name=found.name, doc=found.doc, source=found.source) for found in self.schedules.values())
