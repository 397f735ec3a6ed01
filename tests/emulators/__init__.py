"""Emulators of platforms that cannot be had on loopback: over real HTTP, driven by the real client libraries."""
