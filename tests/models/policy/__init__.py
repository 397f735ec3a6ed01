"""Tests of the policy packs and of deciding."""
