"""Learning from verdicts: what people decided becomes a local layer, measured before anybody may use it."""
