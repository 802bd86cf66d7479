package main

import (
	"context"

	"google.golang.org/protobuf/types/known/anypb"

	"outrider/examples/bank"
	"outrider/proto/evented"
)

// projector keeps every account's balance, as a projection that anyone can ask Outrider for.
//
// An event book carries the projection that was answered last and the events since, so nothing is
// stored here.
type projector struct {
	evented.UnimplementedProjectorServer
}

func (projector) HandleSync(_ context.Context, book *evented.EventBook) (*evented.Projection, error) {
	balance := new(bank.Balance)
	if last := book.GetProjection().GetProjection(); last != nil {
		if err := last.UnmarshalTo(balance); err != nil {
			return nil, err
		}
	}
	for _, page := range book.Pages {
		add(balance, page.Event)
	}
	packed, err := anypb.New(balance)
	return &evented.Projection{Projection: packed}, err
}

func add(balance *bank.Balance, packed *anypb.Any) {
	event, _ := packed.UnmarshalNew() // nil where the type is none of the bank's
	switch event := event.(type) {
	case *bank.AccountOpened:
		balance.Owner = event.Owner
	case *bank.DepositReceived:
		balance.Cents += event.Cents
	case *bank.CashWithdrawn:
		balance.Cents -= event.Cents
	case *bank.WithdrawalRefused:
		balance.RefusedWithdrawals++
	}
}
