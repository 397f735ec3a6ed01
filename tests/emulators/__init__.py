"""Platforms and services that tests start on loopback, spoken to with the real client library."""
