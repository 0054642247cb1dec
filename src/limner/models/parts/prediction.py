"""What a network predicts, where a file says so itself."""

from limner.models.load.layout import Layout
from limner.sampling.parametrization import EpsParametrization, Parametrization, VelocityParametrization

METADATA = ("limner.prediction", "modelspec.prediction_type")
"""Keys of a file's metadata; the second is that of the Stability metadata specification."""

MARKER = "v_pred"
"""A tensor of this name, usually empty, is how several fine-tunes say that they predict velocities."""


def prediction(layout: Layout, default: str) -> Parametrization:
    """The parametrization on Stable Diffusion's noise table.

    Args:
        layout: The file; its metadata, a folder's scheduler or a marker tensor decide if they are there.
        default: ``epsilon`` or ``v`` where the file says nothing.
    """
    stated = next((layout.metadata[key] for key in METADATA if key in layout.metadata), "")
    stated = stated or str(layout.configuration("scheduler.").get("prediction_type", ""))
    if not stated:
        stated = "v" if MARKER in layout else default
    return VelocityParametrization() if stated.lower().startswith("v") else EpsParametrization()
