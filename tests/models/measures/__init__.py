"""Tests of the formal side."""
