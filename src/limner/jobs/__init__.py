"""The durable queue, the event journal and the dispatcher."""
