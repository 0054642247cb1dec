"""From files to networks: what a file holds, how its tensors map onto a network, and the loading itself."""
