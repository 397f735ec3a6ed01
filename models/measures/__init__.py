"""The formal side as pure functions: what each step needs, who may take it, and what may follow."""
