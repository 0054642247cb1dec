"""The gallery: what lies in output folders, with what it carries and what people say of it."""
