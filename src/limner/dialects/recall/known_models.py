"""Names of models in settings as they are here: programs write them without folders and ends, or as a digest."""

from collections.abc import Mapping, Sequence
from typing import Any

from limner.dialects.a1111.models import ModelFile, find_model
from limner.dialects.recall.program import Settings

LORAS = "lora.list"
KINDS: Mapping[str, tuple[str, ...]] = {
    "model.main": ("checkpoints", "diffusion_models"),
    "model.vae": ("vae",),
    "model.text_encoder": ("text_encoders",),
}
"""Roles of models, and the kinds of files that play them."""


def with_known_models(settings: Settings, files: Mapping[str, Sequence[ModelFile]], digest: str = "") -> Settings:
    """Settings whose models are called as they are here; those that are not here keep their names.

    Args:
        settings: By role.
        files: Those that there are, by kind.
        digest: The beginning of the main model's digest, if it is known.
    """
    found = dict(settings)
    for role, kinds in KINDS.items():
        name = settings.get(role)
        if isinstance(name, str):
            found[role] = _known(name, [file for kind in kinds for file in files.get(kind, ())])
    models = files.get("checkpoints", ())
    same = [file for file in models if digest and file.sha256 and file.sha256.startswith(digest)]
    if same and found.get("model.main") not in {file.name for file in models}:
        found["model.main"] = same[0].name
    if isinstance(settings.get(LORAS), list):
        found[LORAS] = [_lora(entry, files.get("loras", ())) for entry in settings[LORAS]]
    return found


def _known(name: str, files: Sequence[ModelFile]) -> str:
    file = find_model(name, files)
    return name if file is None else file.name


def _lora(entry: Mapping[str, Any], files: Sequence[ModelFile]) -> dict[str, Any]:
    return {**entry, "name": _known(str(entry.get("name", "")), files)}
