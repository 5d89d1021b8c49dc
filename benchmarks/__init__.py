"""Benchmarks: Triceras, Keras 3 and the frameworks' own loops, side by side in one run.

`__main__` reads the arguments; `coordinator` keeps a worker process for each contestant and lets
them run in turn; `worker` is that process; `suite` says what is trained on what; `models`,
`highlevel` and `keras3/` are written against the API that Triceras and Keras share, `native/`
against each framework's own; `report` writes the tables and the chart. `suite.toml` lists the native
contestants, `targets.toml` what is to be reached.
"""
