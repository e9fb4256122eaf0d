"""Tests, intervals and ranks over trained networks; the unit is one network, its value one endpoint."""
