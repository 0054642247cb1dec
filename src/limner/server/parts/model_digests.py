"""Digests of the model files that are used."""

from limner.server.model_digests import add_model_digests
from limner.server.part import Part

PART = Part("model digests", add_model_digests)
