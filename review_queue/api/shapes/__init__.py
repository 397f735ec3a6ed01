"""What the API takes and gives: one model for each thing, from which its OpenAPI description is made."""
