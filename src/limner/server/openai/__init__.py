"""Parts of the OpenAI door: how it refuses, draws, and takes pictures in."""
