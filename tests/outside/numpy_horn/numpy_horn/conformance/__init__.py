"""What the conformance suite needs of this backend: see docs/backends.md of Triceras."""
