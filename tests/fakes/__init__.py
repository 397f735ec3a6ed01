"""Stand-ins that tests share: a small pack, messages and signals."""
