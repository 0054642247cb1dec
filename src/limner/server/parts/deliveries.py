"""What follows jobs: uploads, webhooks."""

from limner.server.delivery_parts import add_deliveries
from limner.server.part import Part

PART = Part("deliveries", add_deliveries)
