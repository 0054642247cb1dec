"""Networks that look at pictures, and what is made of what they see."""
