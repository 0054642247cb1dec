"""Parts of networks that packs import."""
