"""Platforms and services that tests start on loopback: over real HTTP or SMTP, driven by the real client libraries."""
