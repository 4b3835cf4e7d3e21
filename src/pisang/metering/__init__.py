"""Counts what a request used."""
