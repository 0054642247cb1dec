"""One architecture a file: how to recognise, build and describe it."""
