"""Workflows that files carry beside their content. ``container`` is the way in, one file a kind of container."""
