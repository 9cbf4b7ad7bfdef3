"""The shared HTTP client of the sources: rate limit, circuit breaker, health, and the archive of raw responses."""
