"""Networks that enlarge or restore pictures, one architecture a file."""
