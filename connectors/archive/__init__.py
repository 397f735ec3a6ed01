"""The forms in which mail and posts lie in files: what each holds, one item at a time."""
