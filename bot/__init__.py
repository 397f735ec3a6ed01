"""Composes everything and runs it: intake, pipeline, enforcement, schedule, commands."""
