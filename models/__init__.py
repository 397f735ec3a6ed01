"""What things are and how they are kept: domain types, policy packs, tables and store."""
