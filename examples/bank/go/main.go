package main

import (
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"google.golang.org/grpc"

	"outrider/proto/evented"
)

func main() {
	server := grpc.NewServer()
	evented.RegisterBusinessLogicServer(server, businessLogic{})
	evented.RegisterProjectorServer(server, projector{})

	logic := listen("OUTRIDER_LOGIC_ADDRESS", "127.0.0.1:1737")
	projections := listen("OUTRIDER_PROJECTOR_ADDRESS", "127.0.0.1:1738")
	go stopWhenAsked(server)
	fmt.Println("the bank is open")

	go server.Serve(projections)
	if err := server.Serve(logic); err != nil {
		log.Fatal(err)
	}
}

// listen takes connections at the address that the variable holds: host:port, or unix:path.
func listen(variable, otherwise string) net.Listener {
	network, address := "tcp", os.Getenv(variable)
	if address == "" {
		address = otherwise
	}
	if strings.HasPrefix(address, "unix:") {
		network, address = "unix", strings.TrimPrefix(address, "unix:")
	}
	listener, err := net.Listen(network, address)
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

// stopWhenAsked finishes the calls under way on SIGTERM, and has Serve return.
func stopWhenAsked(server *grpc.Server) {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, os.Interrupt)
	<-asked
	server.GracefulStop()
}
