"""Whole stories: from the first insult to the end of a restriction, one for each policy."""
