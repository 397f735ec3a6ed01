"""Platforms played on loopback, for the real client libraries to talk to."""
