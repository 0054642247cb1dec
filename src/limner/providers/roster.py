"""Which names stand for which services: ``provider/model`` for one, public names for several. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from limner.providers.settings import ProvidersFile, RouteSettings, Target


@dataclass(frozen=True)
class Roster:
    """The names that requests may use.

    Attributes:
        file: What the settings say.
        takes_graphs: Kinds whose services run whole graphs.
        found: Models that services told of, by service; what the settings name counts where they name any.
    """

    file: ProvidersFile
    takes_graphs: frozenset[str] = frozenset()
    found: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def names(self) -> list[str]:
        """All names of models, public ones first."""
        own = [f"{name}/{model}" for name in self.file.providers for model in self.models_of(name)]
        return list(dict.fromkeys([*self.file.models, *own]))

    def models_of(self, provider: str) -> Sequence[str]:
        """The models of a service, by its own names."""
        settings = self.file.providers[provider]
        return settings.model_names() if settings.models is not None else self.found.get(provider, ())

    def graph_providers(self) -> list[str]:
        """Names that whole graphs can be sent to: services, and public names that stand for such ones only."""
        own = [name for name in self.file.providers if self.runs_graphs(name)]
        public = [name for name in self.file.models if self.runs_whole(name)]
        return [*own, *public]

    def runs_graphs(self, provider: str) -> bool:
        """Whether a service takes whole graphs."""
        settings = self.file.providers.get(provider)
        return settings is not None and settings.kind in self.takes_graphs

    def runs_whole(self, name: str) -> bool:
        """Whether every service that a name stands for takes whole graphs."""
        route = self.route(name)
        return route is not None and all(self.runs_graphs(aim.provider) for aim in route.aims())

    def route(self, name: str) -> RouteSettings | None:
        """The services that a name stands for; None: it is no name of ours."""
        public = self.file.models.get(name)
        if public is not None:
            return public
        provider, _, _ = name.partition("/")
        return RouteSettings(targets=[Target(to=name)]) if provider in self.file.providers else None

    def knows(self, name: object) -> bool:
        """Whether a name stands for a service's model."""
        return isinstance(name, str) and (name in self.file.models or self._is_direct(name))

    def _is_direct(self, name: str) -> bool:
        provider, slash, model = name.partition("/")
        return bool(slash and model) and provider in self.file.providers
