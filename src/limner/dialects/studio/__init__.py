"""What the studio asks of jobs and is told of them, as pure translation."""
