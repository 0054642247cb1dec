"""What is measured, one topic a file; each joins the registry by itself."""
