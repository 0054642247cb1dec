"""OpenAI's Images API: requests as wishes for pictures, results and refusals in its shapes."""
