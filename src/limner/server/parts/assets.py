"""Files listed as assets."""

from limner.server.assets.parts import add_assets
from limner.server.part import Part

PART = Part("assets", add_assets)
