"""Parts of apps: where they are kept, how runs begin, are finished and told."""
