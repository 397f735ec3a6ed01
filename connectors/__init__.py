"""One platform a file: fetch, act, read back."""
