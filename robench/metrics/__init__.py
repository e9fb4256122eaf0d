"""Metrics of one trained network: accuracy, corruption error, relative robustness."""
