"""Turns a graph into a plan and a plan into events, without knowing what a tensor is."""
