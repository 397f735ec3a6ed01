"""Policy as data: packs, the history a decision may look at, and the pure function that decides."""
