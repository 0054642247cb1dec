"""Saved workflows with versions."""
