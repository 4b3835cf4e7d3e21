"""Writes the pages of docs/ that say what the code says, so that they cannot say anything else."""
