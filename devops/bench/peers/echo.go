package main

import (
	"context"
	"encoding/binary"
	"flag"
	"io"
	"log"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

var (
	certificate = flag.String("certificate", "", "file of the server's certificate; in the clear without")
	key         = flag.String("key", "", "file of its key")
)

// serveEcho runs the echo server that Outrider's RPC is measured against: Say, Chat and Feed, as cpp/echo.proto
// has them.
func serveEcho(address string) {
	say := func(_ interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
		var message []byte
		err := decode(&message)
		return &message, err
	}
	chat := func(_ interface{}, stream grpc.ServerStream) error {
		for {
			var message []byte
			if err := stream.RecvMsg(&message); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
			if err := stream.SendMsg(&message); err != nil {
				return err
			}
		}
	}
	feed := func(_ interface{}, stream grpc.ServerStream) error {
		var request []byte
		if err := stream.RecvMsg(&request); err != nil {
			return err
		}
		message := make([]byte, 100)
		for left := binary.BigEndian.Uint32(request); left > 0; left-- {
			if err := stream.SendMsg(&message); err != nil {
				return err
			}
		}
		return nil
	}
	var options []grpc.ServerOption
	if *certificate != "" {
		secured, err := credentials.NewServerTLSFromFile(*certificate, *key)
		if err != nil {
			log.Fatal(err)
		}
		options = append(options, grpc.Creds(secured))
	}
	server := grpc.NewServer(options...)
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "echo.Echo",
		HandlerType: (*interface{})(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Say", Handler: say}},
		Streams: []grpc.StreamDesc{
			{StreamName: "Chat", Handler: chat, ServerStreams: true, ClientStreams: true},
			{StreamName: "Feed", Handler: feed, ServerStreams: true},
		},
	}, nil)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(server.Serve(listener))
}
