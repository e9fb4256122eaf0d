"""From what a person writes to finished runs and their boards."""
