"""Real servers on loopback, started for tests and benchmarks, as whoever runs them."""
