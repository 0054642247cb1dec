"""What holds for every test."""

from hypothesis import HealthCheck, settings

# Times say nothing on a busy machine.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
