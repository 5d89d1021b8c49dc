"""The contract on JAX."""
