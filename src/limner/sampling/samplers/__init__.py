"""One sampler a file; each is a generator that asks for evaluations."""
