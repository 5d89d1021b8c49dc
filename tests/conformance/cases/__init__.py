"""Tables of cases: operation, inputs, parameters, oracle, tolerance."""
