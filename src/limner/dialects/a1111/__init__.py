"""A1111's API: requests as wishes for pictures, results, lists and refusals in its shapes."""
