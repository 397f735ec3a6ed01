"""What the connectors of social platforms share, and the parts of each that its own file has no room for."""
