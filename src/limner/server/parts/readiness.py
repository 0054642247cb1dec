"""What ``/readyz`` asks."""

from limner.server.part import Part
from limner.server.readiness import add_readiness

PART = Part("readiness", add_readiness)
