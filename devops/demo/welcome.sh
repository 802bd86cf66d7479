#!/usr/bin/env bash
# What `make run` says before Outrider speaks: what to type next.
cat <<'TEXT'
The bank is about to open, on the data in ./outrider-data; Ctrl-C closes it. In another terminal, here:

  outrider() { .build/release/outrider "$@"; }
  show="--descriptors .generated/bank.pb"

  echo '{"owner": "Ann"}'  | outrider send --domain bank --type bank.OpenAccount $show

ROOT in the answer is the account; with it:

  echo '{"cents": 10000}' | outrider send --domain bank --root ROOT --type bank.ReceiveDeposit $show
  echo '{"cents": 99999}' | outrider send --domain bank --root ROOT --type bank.WithdrawCash $show
  outrider events bank ROOT $show                what happened to the account
  outrider projection list balance bank $show    every balance
  outrider log bank --follow $show               everything, as it happens
  outrider help                                  what else there is

TEXT
