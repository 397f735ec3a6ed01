"""The pages of the formal side: a person's file, the forms of every step, what waits, and the live register."""
