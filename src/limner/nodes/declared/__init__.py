"""Nodes that are known but cannot run yet, as data: one file for each thing that is missing.

A document may contain such a node where nothing needs it; see ``loading``. When a node is written, its entry here goes.
"""
