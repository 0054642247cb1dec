"""Answers that name their job in a header."""

from limner.server.job_header import tell_jobs
from limner.server.part import Part

PART = Part("job header", tell_jobs)
