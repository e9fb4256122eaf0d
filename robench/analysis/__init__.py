"""What corruptions and networks look like."""
