"""What corruptions are made of: filters, warps, noise and waves, most of them compiled."""
