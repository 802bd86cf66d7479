// A bank: decides what a command does to an account.
//
// Outrider hands over the account's past and a command; the answer is what happened. Nothing is
// stored here. Try it:  outrider run -- examples/bank/go/run.sh
package main

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
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
		apply(account, event)
		packed, err := anypb.New(event)
		if err != nil {
			return nil, err
		}
		answer.Pages = append(answer.Pages, &evented.EventPage{Event: packed, Synchronous: page.Synchronous})
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
		event, err := unpack(page.Event)
		if err != nil {
			return nil, 0, err
		}
		apply(account, event)
		seen++
	}
	return account, seen, nil
}

// decide answers what a command does: the account's state and the command in, an event out.
func decide(account *bank.Account, packed *anypb.Any) (proto.Message, error) {
	command, err := unpack(packed)
	if err != nil {
		return nil, err
	}
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

func openAccount(account *bank.Account, command *bank.OpenAccount) (proto.Message, error) {
	if account.Open {
		return nil, status.Error(codes.FailedPrecondition, "the account is open already")
	}
	return &bank.AccountOpened{Owner: command.Owner}, nil
}

func receiveDeposit(account *bank.Account, command *bank.ReceiveDeposit) (proto.Message, error) {
	if err := check(account, command.Cents); err != nil {
		return nil, err
	}
	return &bank.DepositReceived{Cents: command.Cents}, nil
}

func withdrawCash(account *bank.Account, command *bank.WithdrawCash) (proto.Message, error) {
	if err := check(account, command.Cents); err != nil {
		return nil, err
	}
	if command.Cents > account.Cents {
		return &bank.WithdrawalRefused{Cents: command.Cents, Reason: "the balance is too low"}, nil
	}
	return &bank.CashWithdrawn{Cents: command.Cents}, nil
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
func apply(account *bank.Account, event proto.Message) {
	switch event := event.(type) {
	case *bank.AccountOpened:
		account.Open, account.Owner = true, event.Owner
	case *bank.DepositReceived:
		account.Cents += event.Cents
	case *bank.CashWithdrawn:
		account.Cents -= event.Cents
	}
}

// unpack answers the message inside a google.protobuf.Any.
func unpack(packed *anypb.Any) (proto.Message, error) {
	message, err := packed.UnmarshalNew()
	if err != nil {
		return nil, unknown(packed)
	}
	return message, nil
}

func unknown(packed *anypb.Any) error {
	return status.Errorf(codes.InvalidArgument, "a bank knows no %s", packed.MessageName())
}
