"""Order statistics, averages that skip NaN, histograms. Documented in `triceras_backends.contract.statistical`."""
