"""Changes inside a network while it runs, one a file. Never of its weights: those are adapters."""
