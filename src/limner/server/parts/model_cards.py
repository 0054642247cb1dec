"""What people wrote about models."""

from limner.server.model_cards import add_model_cards
from limner.server.part import Part

PART = Part("model cards", add_model_cards)
