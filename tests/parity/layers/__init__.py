"""Tables of layers: a family a module, a configuration a row."""
