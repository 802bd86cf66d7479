"""The history check of Eventuate's clients: event handlers move money by STOMP and REST alone, while every part is killed.

`bank` says what accounts and transfers are, `entities` finds and updates them over REST, `subscriber` is the program of
the event handlers. `deployment` starts everything; `clients` create transfers, `readers` read what came of them,
`checker` judges it. `run` is one run.
"""
