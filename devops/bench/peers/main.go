// What the benchmark needs beside Outrider, on grpc-go, in one program:
//
//	peers echo    the server that Outrider's RPC is measured against
//	peers logic   business logic of both styles and projector logic that take next to no time
//	peers load    one load client for every store, so that what differs is the server
//	peers steady  a client that retries, of several replicas
//	peers streams the same for an echo server's streams
//	peers delivery logic and client in one: how long a command takes, and its way to the projector
//	peers catch-up projector logic that tells how fast it was handed a log
//	peers transfers logic, saga and client in one: money is moved, three commands for each time
//	peers dispatched logic and client in one: commands that are stored first
//	peers timers  logic, saga and client in one: timers that fire
//	peers stomp-drain   subscribers of STOMP that are given what is there already
//	peers stomp-steady  a client and a subscriber: how long an event takes from the one to the other
//	peers stomp-hold    subscribers that are given nothing
package main

import (
	"flag"
	"log"
	"os"

	"google.golang.org/grpc/encoding"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: peers echo|logic|load|steady|streams|delivery|catch-up|transfers|dispatched|timers|stomp-drain|stomp-steady|stomp-hold [flags]")
	}
	encoding.RegisterCodec(rawCodec{})
	flag.CommandLine.Parse(os.Args[2:])
	switch os.Args[1] {
	case "echo":
		serveEcho(*address)
	case "logic":
		serve(os.Getenv("OUTRIDER_LOGIC_ADDRESS"),
			method{"/evented.BusinessLogic/Handle", decide},
			method{"/outrider.v1.Entity/Handle", handle},
			method{"/outrider.v1.Entity/Apply", apply},
			method{"/evented.Projector/HandleSync", project},
			method{"/outrider.v1.Saga/React", func([]byte) ([]byte, error) { return nil, nil }})
	case "load":
		load()
	case "steady":
		steady()
	case "streams":
		streams()
	case "delivery":
		delivery(os.Getenv("OUTRIDER_LOGIC_ADDRESS"))
	case "catch-up":
		catchUp(os.Getenv("OUTRIDER_LOGIC_ADDRESS"))
	case "transfers":
		transfers(os.Getenv("OUTRIDER_LOGIC_ADDRESS"))
	case "dispatched":
		dispatched(os.Getenv("OUTRIDER_LOGIC_ADDRESS"))
	case "timers":
		fireTimers(os.Getenv("OUTRIDER_LOGIC_ADDRESS"))
	case "stomp-drain":
		drain()
	case "stomp-steady":
		deliverSteadily()
	case "stomp-hold":
		holdSubscriptions()
	default:
		log.Fatalf("unknown command %q", os.Args[1])
	}
}
