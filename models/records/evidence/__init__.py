"""An evidence pack for the police: originals, renderings, times, hashes and chain of custody, signed."""
