"""What an organisation tells the public of how it moderates."""
