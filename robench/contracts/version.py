"""The version of the contracts."""

API_VERSION = 1
"""Raised when a plugin that fulfils today's contracts would no longer do so; a plugin states which it is made for."""

UNSTATED = 1
"""What a plugin is taken to be made for that states none: the first version, never today's."""
