"""HTTP and WebSocket: routes, sessions, limits, the event hub."""
