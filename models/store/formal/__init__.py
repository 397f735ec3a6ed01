"""The formal side in the store: every step is ruled on, written, sealed into the audit trail, and followed by its letter."""
