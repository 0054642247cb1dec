raise RuntimeError("I never load")
