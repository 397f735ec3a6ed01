"""What the connector `bluesky` is made of: the session, the cursor, the reading of posts, and the effects."""
