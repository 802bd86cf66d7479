"""The history check of events that leave the process: RabbitMQ and Kafka carry them, every process is killed in turn.

`deployment` starts everything, `consumers` are those of other makes, `kills` breaks it, `checker` judges what came of
it. `run` is one run. `takeover` measures how soon another relay publishes when the active one is killed. Clients, logic
and the checks of the log are those of `cluster`.
"""
