"""The A1111 door's own parts: how requests become drawings, what is remembered of them, canvases, grids, lists."""
