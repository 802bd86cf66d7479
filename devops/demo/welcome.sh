#!/usr/bin/env bash
# What `make run` says before Outrider speaks: what to type next.
cat <<'TEXT'
The bank example is about to run on the data in ./outrider-data; Ctrl-C stops it. In another terminal:

  .venv/bin/python devops/demo/visit.py     open an account, pay in, withdraw; prints the account's ROOT

  alias outrider=.build/release/outrider
  outrider health                           is everything well?
  outrider roots bank                       the accounts
  outrider events bank ROOT                 what happened to one of them
  outrider projection list balance bank     every balance
  outrider log bank --follow                everything, as it happens
  outrider help                             what else there is

TEXT
