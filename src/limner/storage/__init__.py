"""Keeps bytes: the folders that users see, and content under its digest."""
