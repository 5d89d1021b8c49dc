"""The PyTorch backend: one module a family of the contract, and `scopes`, which they share."""
