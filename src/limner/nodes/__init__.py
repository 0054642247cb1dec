"""What users wire together: thin functions over media, sampling and models."""
