"""Figures of boards: SVG and PNG, legible without colour, every axis with its unit."""
