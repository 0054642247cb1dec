"""``utils.install_util``: paths of requirements."""

from pathlib import Path

from comfy_host.context import folders
from comfy_host.missing import absent

requirements_path = Path(folders().data) / "requirements.txt"


def get_missing_requirements_message() -> str:
    """What a person should do about missing requirements."""
    return "Install what is missing with `limner nodes install`."


__getattr__ = absent(__name__)
