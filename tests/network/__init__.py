"""Real servers of platforms, started on loopback by the tests themselves."""
