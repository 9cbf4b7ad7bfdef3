"""The worker process, which computes and draws beside the event loop."""
