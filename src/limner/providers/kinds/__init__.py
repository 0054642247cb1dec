"""How services are spoken to, one file a kind; found by themselves."""
