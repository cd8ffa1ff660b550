"""Drift: have the questions of today moved from those that were evaluated? Tests with significance values."""
