"""One architecture of text encoders a file: how to find it in a file and how to build it."""
