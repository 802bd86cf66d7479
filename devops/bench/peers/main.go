// What the benchmark needs beside Outrider, on grpc-go, in one program:
//
//	peers echo    the server that Outrider's RPC is measured against
//	peers logic   business and projector logic that takes next to no time
//	peers load    one load client for every store, so that what differs is the server
package main

import (
	"flag"
	"log"
	"os"

	"google.golang.org/grpc/encoding"
)

func main() {
	if len(os.Args) < 2 {
		log.Fatal("usage: peers echo|logic|load [flags]")
	}
	encoding.RegisterCodec(rawCodec{})
	flag.CommandLine.Parse(os.Args[2:])
	switch os.Args[1] {
	case "echo":
		serve("127.0.0.1:"+os.Getenv("PORT"), method{"/echo.Echo/Say", func(message []byte) ([]byte, error) {
			return message, nil
		}})
	case "logic":
		serve(os.Getenv("OUTRIDER_LOGIC_ADDRESS"),
			method{"/evented.BusinessLogic/Handle", decide},
			method{"/evented.Projector/HandleSync", project})
	case "load":
		load()
	default:
		log.Fatalf("unknown command %q", os.Args[1])
	}
}
