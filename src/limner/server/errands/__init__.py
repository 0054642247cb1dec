"""What may follow a job, one kind a file; each is found by itself."""
