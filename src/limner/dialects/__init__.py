"""Foreign APIs as pure translation."""
