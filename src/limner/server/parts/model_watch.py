"""Pages are told when model files come and go."""

from limner.server.model_watch import add_model_watch
from limner.server.part import Part

PART = Part("model watch", add_model_watch)
