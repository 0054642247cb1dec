"""Getting models: where they come from, how they arrive whole, where they lie, and what is there already."""
