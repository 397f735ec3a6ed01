"""How good the decisions are, measured on messages that no model was trained on."""
