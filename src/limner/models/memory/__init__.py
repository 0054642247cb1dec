"""Plans every load: what is held where, what goes when room is needed, and networks that are there in part."""
