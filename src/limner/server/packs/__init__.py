"""What the server knows of node packs: their folders, their routes, the shelf."""
