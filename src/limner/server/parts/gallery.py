"""Files in the gallery."""

from limner.server.gallery.parts import add_galleries
from limner.server.part import Part

PART = Part("gallery", add_galleries)
