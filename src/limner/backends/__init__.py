"""Runs steps: in this process, in a process per device."""
