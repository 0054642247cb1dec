"""Parts of the server, one a file; each joins the application by itself."""
