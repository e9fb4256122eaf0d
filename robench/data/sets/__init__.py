"""The corrupted test set of a suite: published or generated, never a mixture."""
