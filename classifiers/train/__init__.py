"""How the trained artefacts are made: from the sets marked for training beside the project, with fixed seeds."""
