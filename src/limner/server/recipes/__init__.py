"""Models that draw, and recipes for them."""
