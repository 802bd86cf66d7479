"""The history check of the whole path: several `outrider` processes of each role on one store.

`processes` starts them, `faults` and `stores` break them, `clients` send commands, `readers` look on, and
`checker` judges what all of them saw. `run` is one run.
"""
