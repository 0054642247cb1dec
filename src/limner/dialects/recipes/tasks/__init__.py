"""One file a task, each with its Recipe; they are found by themselves."""
