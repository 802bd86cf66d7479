package main

import (
	"context"
	"encoding/binary"
	"io"
	"log"
	"net"

	"google.golang.org/grpc"
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
	server := grpc.NewServer()
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
