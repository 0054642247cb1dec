"""Control networks; none can be built yet."""

from comfy_host.missing import absent
from limner.graph.errors import ModelFileError


class ControlNet:
    """A control network of the original kind; cannot be made."""

    def __init__(self, *_, **__):
        raise ModelFileError("comfy.cldm.cldm.ControlNet: Limner does not build control networks yet.")


__getattr__ = absent(__name__)
