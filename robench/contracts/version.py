"""The version of the contracts."""

API_VERSION = 1
"""Raised when a plugin that fulfils today's contracts would no longer do so; a plugin states which it is made for."""
