"""The worker process, which computes and draws outside of the event loop."""
