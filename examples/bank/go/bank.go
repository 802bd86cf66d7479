// A bank: decides what a command does to an account.
//
// Outrider hands over the account's past and a command; the answer is what happened. Nothing is
// stored here. Try it:  outrider run -- examples/bank/go/run.sh
package main

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"

	"outrider/examples/bank"
	"outrider/proto/evented"
)

const snapshotEvery = 100 // events

type businessLogic struct {
	evented.UnimplementedBusinessLogicServer
}

func (businessLogic) Handle(_ context.Context, request *evented.ContextualCommand) (*evented.EventBook, error) {
	past, command := request.Events, request.Command
	account, seen, err := replay(past)
	if err != nil {
		return nil, err
	}

	answer := &evented.EventBook{Cover: command.Cover}
	for _, page := range command.Pages {
		event, err := decide(account, page.Command)
		if err != nil {
			return nil, err
		}
		if err := apply(account, event); err != nil {
			return nil, err
		}
		answer.Pages = append(answer.Pages, &evented.EventPage{Event: event, Synchronous: page.Synchronous})
	}

	if len(past.GetPages()) >= snapshotEvery {
		state, err := anypb.New(account)
		if err != nil {
			return nil, err
		}
		last := seen + uint32(len(answer.Pages)) - 1 // the last event that the state includes
		answer.Snapshot = &evented.Snapshot{Sequence: last, State: state}
	}
	return answer, nil
}

// replay answers an account's state, and how many events it includes.
func replay(past *evented.EventBook) (account *bank.Account, seen uint32, err error) {
	account = new(bank.Account)
	if snapshot := past.GetSnapshot(); snapshot != nil {
		if err := snapshot.State.UnmarshalTo(account); err != nil {
			return nil, 0, err
		}
		seen = snapshot.Sequence + 1
	}
	for _, page := range past.GetPages() {
		if err := apply(account, page.Event); err != nil {
			return nil, 0, err
		}
		seen++
	}
	return account, seen, nil
}

// decide answers what a command does: the account's state and the command in, an event out.
func decide(account *bank.Account, packed *anypb.Any) (*anypb.Any, error) {
	command, _ := packed.UnmarshalNew() // nil where the type is unknown
	switch command := command.(type) {
	case *bank.OpenAccount:
		return openAccount(account, command)
	case *bank.ReceiveDeposit:
		return receiveDeposit(account, command)
	case *bank.WithdrawCash:
		return withdrawCash(account, command)
	}
	return nil, unknown(packed)
}

func openAccount(account *bank.Account, command *bank.OpenAccount) (*anypb.Any, error) {
	if account.Open {
		return nil, status.Error(codes.FailedPrecondition, "the account is open already")
	}
	return anypb.New(&bank.AccountOpened{Owner: command.Owner})
}

func receiveDeposit(account *bank.Account, command *bank.ReceiveDeposit) (*anypb.Any, error) {
	if err := check(account, command.Cents); err != nil {
		return nil, err
	}
	return anypb.New(&bank.DepositReceived{Cents: command.Cents})
}

func withdrawCash(account *bank.Account, command *bank.WithdrawCash) (*anypb.Any, error) {
	if err := check(account, command.Cents); err != nil {
		return nil, err
	}
	if command.Cents > account.Cents {
		return anypb.New(&bank.WithdrawalRefused{Cents: command.Cents, Reason: "the balance is too low"})
	}
	return anypb.New(&bank.CashWithdrawn{Cents: command.Cents})
}

// check refuses to move money of an account that is not open, or an amount that is not positive.
func check(account *bank.Account, cents int64) error {
	if !account.Open {
		return status.Error(codes.FailedPrecondition, "there is no such account")
	}
	if cents <= 0 {
		return status.Errorf(codes.InvalidArgument, "cents must be positive, not %d", cents)
	}
	return nil
}

// apply does to the account's state what the event says.
func apply(account *bank.Account, packed *anypb.Any) error {
	event, _ := packed.UnmarshalNew() // nil where the type is unknown
	switch event := event.(type) {
	case *bank.AccountOpened:
		account.Open, account.Owner = true, event.Owner
	case *bank.DepositReceived:
		account.Cents += event.Cents
	case *bank.CashWithdrawn:
		account.Cents -= event.Cents
	case *bank.WithdrawalRefused:
	default:
		return unknown(packed)
	}
	return nil
}

func unknown(packed *anypb.Any) error {
	return status.Errorf(codes.InvalidArgument, "a bank knows no %s", packed.MessageName())
}
