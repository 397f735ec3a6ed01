"""What leaves the house as a document: evidence for the police, the year's review, forms, calendars and a person's timeline."""
