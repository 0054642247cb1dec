"""Files listed as assets."""

from limner.server.asset_parts import add_assets
from limner.server.part import Part

PART = Part("assets", add_assets)
