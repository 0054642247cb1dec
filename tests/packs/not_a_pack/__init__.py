"""Neither V1 nor V3."""

VALUE = 1
