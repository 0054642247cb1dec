"""What files say of how they were made, whichever program wrote them, as values by role."""
