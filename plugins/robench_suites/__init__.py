"""Suites: what robustness is measured on."""
