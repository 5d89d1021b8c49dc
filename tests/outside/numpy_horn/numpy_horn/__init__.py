"""A NumPy backend of Triceras, in a package of its own: a module for each family of the contract.

It is here to prove that a backend needs nothing but an entry point, and that whoever writes one
has the whole conformance suite for it. What it lacks is in conformance/gaps.txt.
"""
