"""The web page where people look, decide and undo; it holds no platform credentials."""
