"""Which PixArt a network is, where its file does not tell."""

from dataclasses import replace
from typing import Annotated

from limner.graph.declare import Choice, node
from limner.graph.errors import NumericsError
from limner.models.families.pixart_alpha import PIXART_ALPHA
from limner.models.families.pixart_sigma import PIXART_SIGMA
from limner.nodes.growing import OWN
from limner.nodes.sockets import MODEL

VERSIONS = {"alpha": PIXART_ALPHA, "sigma": PIXART_SIGMA}


@node(name="PixArtVersion", title="PixArt Version", category="advanced/model", module=OWN)
def pixart_version(*, model: MODEL, version: Annotated[str, Choice(*VERSIONS)] = "alpha") -> MODEL:
    """Says which PixArt a network is. Alpha at 256 and 512 px looks like Sigma, but scales latents otherwise."""
    family = VERSIONS[version]
    if model.family.name not in {known.name for known in VERSIONS.values()}:
        raise NumericsError(f"PixArtVersion expects a network of PixArt, but this is one of {model.family.name}.")
    return replace(model, family=family, look=lambda: family.latent_format)
