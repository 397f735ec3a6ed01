"""Reading and writing the rows: short transactions, SQLAlchemy Core on hot paths."""
