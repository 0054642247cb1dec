"""Pictures of old requests are removed."""

from limner.server.kept_inputs import add_removal
from limner.server.part import Part

PART = Part("kept inputs", add_removal)
