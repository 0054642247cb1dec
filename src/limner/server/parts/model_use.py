"""Where models are used."""

from limner.server.model_use import add_model_use
from limner.server.part import Part

PART = Part("model use", add_model_use)
