"""Imagen's ``:predict`` dialect: instances and parameters in, predictions out."""
