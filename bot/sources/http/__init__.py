"""The one HTTP client of the sources: pace, circuit breaker, health, and the archive of raw answers."""
