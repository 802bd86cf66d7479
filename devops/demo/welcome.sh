#!/usr/bin/env bash
# What `make run` says before Outrider speaks: what to type next.
outrider=.build/release/outrider
cat <<TEXT
The bank example is about to run; Ctrl-C stops it. In another terminal:

  $outrider health                      is everything well?
  .venv/bin/python devops/demo/send.py             open an account and pay in
  $outrider roots bank                  the accounts
  $outrider events bank ROOT            what happened to one of them
  $outrider projection list balance     every balance
  $outrider log bank --follow           everything, as it happens

TEXT
