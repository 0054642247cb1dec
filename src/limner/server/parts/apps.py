"""Workflows as apps."""

from limner.server.apps.door import add_apps
from limner.server.part import Part

PART = Part("apps", add_apps)
