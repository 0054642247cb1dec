"""What model files say of themselves."""

from limner.server.model_facts import add_model_facts
from limner.server.part import Part

PART = Part("model facts", add_model_facts)
