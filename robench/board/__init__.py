"""From records to the ranked table, and what is asked of it."""
