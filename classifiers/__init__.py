"""Text in, signals out: pure and batched, no database, no network."""
