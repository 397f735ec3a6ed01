"""Speed, as ratios taken within one run; no test is timed."""
