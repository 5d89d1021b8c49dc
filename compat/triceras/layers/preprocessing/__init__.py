"""Layers that make numbers of text, categories, tables and sound."""
