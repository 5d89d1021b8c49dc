"""Normalizations."""

from __future__ import annotations

import numpy as np

from tests.parity.row import Row

MASK = np.array([[True, True, False], [True, False, False]])
HALF = {"dtype": "mixed_float16"}
OPTIONS = {
    "beta_initializer": "normal",
    "gamma_initializer": "he_normal",
    "beta_regularizer": "l2",
    "gamma_regularizer": "l1",
    "beta_constraint": "non_neg",
    "gamma_constraint": "max_norm",
}

ROWS = [
    Row("BatchNormalization", ((6, 4),), {"momentum": 0.7}),
    Row("BatchNormalization", ((2, 3, 4),), {"axis": 1, "epsilon": 0.1, "center": False}),
    Row("BatchNormalization", ((2, 3, 4),), {"scale": False}, {"mask": MASK}, rtol=1e-4),
    Row("BatchNormalization", ((6, 4),), {**OPTIONS, "gamma_initializer": "ones"}),
    Row("BatchNormalization", ((6, 4),), {"trainable": False}),
    Row("BatchNormalization", ((6, 4),), HALF, rtol=4e-3, atol=4e-3),
    Row("BatchNormalization", ((2, 3, 4),), {"renorm": True, "epsilon": 0.5, "renorm_momentum": 0.8}),
    Row(
        "BatchNormalization",
        ((6, 4),),
        {"renorm": True, "renorm_clipping": {"rmax": 1.1, "rmin": 0.95, "dmax": 0.1}, "momentum": 0.9},
    ),
    Row("BatchNormalization", ((2, 3, 4),), {"renorm": True, "center": False}, {"mask": MASK}, rtol=1e-4),
    Row("LayerNormalization", ((3, 4),)),
    Row("LayerNormalization", ((2, 3, 4),), {"axis": (1, 2), **OPTIONS}),
    Row("LayerNormalization", ((3, 4),), {"center": False, "scale": False}),
    Row("LayerNormalization", ((3, 4),), {"rms_scaling": True}),
    Row("LayerNormalization", ((3, 4),), HALF, rtol=4e-3, atol=4e-3),
    Row("GroupNormalization", ((2, 3, 4),), {"groups": 2}),
    Row("GroupNormalization", ((2, 3, 4, 6),), {"groups": -1, "epsilon": 0.1}),
    Row("GroupNormalization", ((2, 4, 3, 2),), {"groups": 2, "axis": 1, "center": False, "gamma_regularizer": "l2"}),
    Row("RMSNormalization", ((3, 4),)),
    Row("RMSNormalization", ((2, 3, 4),), {"axis": (1, 2), "epsilon": 0.1}),
    Row("RMSNormalization", ((3, 4),), HALF, rtol=4e-3, atol=4e-3),
    Row("UnitNormalization", ((3, 4),)),
    Row("UnitNormalization", ((2, 3, 4),), {"axis": (1, 2)}),
    # In training it assigns the weight. Keras's gradient is that of the weight before on JAX, after on the others;
    # here it is that after everywhere.
    Row("SpectralNormalization", ((3, 4),), lambda k: {"layer": k.layers.Dense(2, name="inner")}, modes=(False,)),
    Row(
        "SpectralNormalization",
        ((2, 5, 5, 2),),
        lambda k: {"layer": k.layers.Conv2D(3, 2, name="inner"), "power_iterations": 3},
        gradients=False,
        symbolic=False,
    ),
]
