"""The backend contract: every primitive's signature and docstring, once.

A family of primitives is a module here; a backend is a package with modules of the same
names that define the same functions with the same parameters. What a backend leaves out is
taken from `triceras_backends.derived`, or must be a declared gap. The functions here have
no bodies: they are what the public operations, the documentation and the checks are made of.
"""

FAMILIES = (
    "tensors",
    "variables",
    "modules",
    "elementwise",
    "reductions",
    "arrays",
    "linalg",
    "special",
    "complex_numbers",
    "statistical",
    "creation",
    "shaping",
    "segments",
    "fourier",
    "ctc",
    "patches",
    "images",
    "nn",
    "convolution",
    "pooling",
    "normalization",
    "rng",
    "autodiff",
    "compile",
    "stepping",
    "loops",
    "recurrence",
    "attention",
    "updates",
)
