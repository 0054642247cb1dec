"""``providers.yaml``: which services there are, what they cost, and which of them stand behind a public name."""

import re
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml

from limner.graph.errors import SettingsError
from limner.providers.presets_keys import PRESETS

FILE = "providers.yaml"
"""Its name in the data folder."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
"""What services may be called; a slash separates the name from the model's."""

NAMED_ROUTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:-]{0,127}")

By = Literal["order", "price", "latency", "weight"]

Positive = Annotated[float, msgspec.Meta(gt=0)]
Amount = Annotated[float, msgspec.Meta(ge=0)]


class Price(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a service charges; amounts add up.

    Attributes:
        image: A picture.
        second: A second of its answer.
        token: A token that it counts.
        currency: Of all three.
    """

    image: Amount = 0.0
    second: Amount = 0.0
    token: Amount = 0.0
    currency: str = "USD"

    def of(self, images: int, seconds: float, tokens: int) -> float:
        """What a request costs."""
        return self.image * images + self.second * seconds + self.token * tokens


class Limits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much is asked of a service.

    Attributes:
        concurrency: Requests at once.
        per_minute: Requests in any minute; 0: no limit.
        failures: Failures in a row after which it is left alone for a while.
        pause: Seconds for which it is left alone the first time; doubled while it stays ill.
    """

    concurrency: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 4
    per_minute: Annotated[int, msgspec.Meta(ge=0)] = 0
    failures: Annotated[int, msgspec.Meta(ge=1)] = 5
    pause: Positive = 30.0


class ModelSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service's model: what is special about it."""

    price: Price | None = None


class ProviderSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service.

    Attributes:
        kind: How it is spoken to; the name of a file in ``kinds``. Empty: as the preset says.
        preset: A well-known service whose address and ways are known here.
        base_url: Its address.
        key: Name of the environment variable that holds its key; never the key itself.
        models: Names of its models, with what is special about each; None: the service is asked for them.
        limits: How much is asked of it.
        price: What it charges.
        timeout: Seconds after which a request is given up.
        fields: For image APIs: how they call what we call otherwise; see ``kinds/openai_images.py``.
    """

    kind: str = ""
    preset: str = ""
    base_url: str = ""
    key: str = ""
    models: dict[str, ModelSettings | None] | list[str] | None = None
    limits: Limits = Limits()
    price: Price | None = None
    timeout: Positive = 300.0
    fields: dict[str, Any] = {}

    def model_names(self) -> list[str]:
        """The models that the file names."""
        return list(self.models or ())

    def price_of(self, model: str) -> Price | None:
        """What a request with this model is charged by; None: nobody knows."""
        if isinstance(self.models, dict) and (found := self.models.get(model)) is not None and found.price is not None:
            return found.price
        return self.price


class Target(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of the services behind a public name.

    Attributes:
        to: ``provider/model``.
        weight: Its share of requests where the route is by weight.
        order: Lower ones are asked first; equal ones by chance. None: as listed.
    """

    to: str
    weight: Positive = 1.0
    order: int | None = None

    @property
    def provider(self) -> str:
        """The service's name."""
        return self.to.partition("/")[0]

    @property
    def model(self) -> str:
        """The service's name for the model; empty: no model in particular."""
        return self.to.partition("/")[2]


class RouteSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A public name: several services that can stand in for each other.

    Attributes:
        targets: The services.
        route: Which is asked first: as listed, the cheapest, the quickest lately, or by weight.
        tries: How often all of them are asked before it is given up.
    """

    targets: list[str | Target]
    route: By = "order"
    tries: Annotated[int, msgspec.Meta(ge=1, le=20)] = 3

    def aims(self) -> list[Target]:
        """The services as records."""
        return [aim if isinstance(aim, Target) else Target(to=aim) for aim in self.targets]


class ProvidersFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    providers: dict[str, ProviderSettings] = {}
    models: dict[str, RouteSettings] = {}


def read_providers(path: Path, *, required: bool = False) -> ProvidersFile:
    """What a file says; nothing, if there is none and it is not required.

    Raises:
        SettingsError: if it cannot be read or says something that makes no sense; the message says what and where.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if required:
            raise SettingsError(f"There is no file {path}, which was named with --providers.") from None
        return ProvidersFile()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read ({error}).") from error
    try:
        found = msgspec.convert(yaml.safe_load(text) or {}, ProvidersFile)
        return _completed(found)
    except (yaml.YAMLError, msgspec.ValidationError, SettingsError) as error:
        raise SettingsError(f"{path}: {error}. See docs/providers.md for what may stand there.") from error


def _completed(found: ProvidersFile) -> ProvidersFile:
    """The settings with what presets add, checked."""
    providers = {name: _with_preset(name, provider) for name, provider in found.providers.items()}
    for name, route in found.models.items():
        _check_route(name, route, providers)
    return ProvidersFile(providers=providers, models=found.models)


def _with_preset(name: str, provider: ProviderSettings) -> ProviderSettings:
    if not NAME.fullmatch(name):
        raise SettingsError(f"provider {name!r}: a name is letters, digits, '-', '_' and '.'")
    if provider.preset:
        preset = PRESETS.get(provider.preset)
        if preset is None:
            raise SettingsError(f"provider {name}: no preset {provider.preset!r}; there are {', '.join(PRESETS)}")
        provider = msgspec.structs.replace(
            provider,
            kind=provider.kind or preset["kind"],
            base_url=provider.base_url or preset["base_url"],
            key=provider.key or preset.get("key", ""),
            fields={**preset.get("fields", {}), **provider.fields},
        )
    if not provider.kind:
        raise SettingsError(f"provider {name}: needs a 'kind' or a 'preset'")
    if not re.match(r"https?://[^/\s]", provider.base_url):
        raise SettingsError(f"provider {name}: 'base_url' must be http:// or https://, not {provider.base_url!r}")
    if "@" in provider.base_url.split("/")[2]:
        raise SettingsError(
            f"provider {name}: 'base_url' holds a password. Put user:password into an environment variable, and its "
            "name into 'key'"
        )
    if provider.key and not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", provider.key):
        raise SettingsError(
            f"provider {name}: 'key' is the name of an environment variable (OPENAI_API_KEY), not the key itself"
        )
    return msgspec.structs.replace(provider, base_url=provider.base_url.rstrip("/"))


def _check_route(name: str, route: RouteSettings, providers: dict[str, ProviderSettings]) -> None:
    if not NAMED_ROUTE.fullmatch(name) or name.partition("/")[0] in providers:
        raise SettingsError(f"model {name!r}: choose a plain name that begins with no provider's name and a slash")
    if not route.targets:
        raise SettingsError(f"model {name}: needs at least one entry in 'targets'")
    for aim in route.aims():
        if aim.provider not in providers:
            known = ", ".join(providers) or "none"
            raise SettingsError(f"model {name}: there is no provider {aim.provider!r} ({aim.to!r}); there are {known}")
