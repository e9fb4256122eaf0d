"""Corrupted sets that robench makes itself, in the cache."""
