"""Images, masks and latents as values, with their codecs and embedded metadata."""
