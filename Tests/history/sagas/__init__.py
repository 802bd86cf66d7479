"""The history check of sagas: money goes from account to account while every process is killed in turn.

`logic` is the logic of accounts, transfers and their saga. `deployment` starts everything, in one process or apart;
`clients` start transfers, `readers` read what came of them, `checker` judges it. `run` is one run.
"""
