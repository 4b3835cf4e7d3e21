"""Pieces of infographics and interfaces: each draws itself into a box, as panels and real text."""
