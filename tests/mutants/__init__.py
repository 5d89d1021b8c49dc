"""Deliberately wrong backends: each must turn the conformance suite red."""
