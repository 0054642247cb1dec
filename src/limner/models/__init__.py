"""Recognises, loads, places and adapts networks; one file per family."""
