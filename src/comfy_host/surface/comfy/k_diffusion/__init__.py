"""Samplers as functions of a model."""
