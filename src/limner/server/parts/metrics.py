"""Figures for ``/metrics``."""

from limner.server.metrics import add_metrics
from limner.server.part import Part

PART = Part("metrics", add_metrics)
