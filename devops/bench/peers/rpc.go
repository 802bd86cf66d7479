package main

import (
	"context"
	"encoding/binary"
	"errors"
	"log"
	"net"
	"strings"

	"google.golang.org/grpc"
)

// rawCodec takes messages as they are, so that what is measured is the server, not a codec.
type rawCodec struct{}

func (rawCodec) Marshal(message interface{}) ([]byte, error) { return *message.(*[]byte), nil }
func (rawCodec) Unmarshal(data []byte, message interface{}) error {
	*message.(*[]byte) = data
	return nil
}
func (rawCodec) Name() string { return "proto" }

// method is a unary method, named as on the wire ("/package.Service/Method"), and what it answers.
type method struct {
	path   string
	answer func(request []byte) ([]byte, error)
}

// serve runs a server of these methods.
func serve(address string, methods ...method) {
	server := grpc.NewServer()
	services := map[string]*grpc.ServiceDesc{}
	for _, served := range methods {
		names := strings.Split(served.path, "/")
		service, known := services[names[1]]
		if !known {
			service = &grpc.ServiceDesc{ServiceName: names[1], HandlerType: (*interface{})(nil)}
			services[names[1]] = service
		}
		service.Methods = append(service.Methods, grpc.MethodDesc{MethodName: names[2], Handler: handler(served)})
	}
	for _, service := range services {
		server.RegisterService(service, nil)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(server.Serve(listener))
}

func handler(served method) func(interface{}, context.Context, func(interface{}) error, grpc.UnaryServerInterceptor) (interface{}, error) {
	return func(_ interface{}, _ context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor) (interface{}, error) {
		var request []byte
		if err := decode(&request); err != nil {
			return nil, err
		}
		reply, err := served.answer(request)
		return &reply, err
	}
}

func dial(address string) *grpc.ClientConn {
	channel, err := grpc.Dial(address, grpc.WithInsecure(), grpc.WithBlock())
	if err != nil {
		log.Fatal(err)
	}
	return channel
}

func invoke(channel *grpc.ClientConn, method string, request []byte) {
	var reply []byte
	if err := channel.Invoke(context.Background(), method, &request, &reply); err != nil {
		log.Fatalf("%s: %v", method, err)
	}
}

const (
	wireVarint = 0
	wireBytes  = 2
)

// bytesField is a length-delimited field of a message, its content put together from parts.
func bytesField(number int, parts ...[]byte) []byte {
	length := 0
	for _, part := range parts {
		length += len(part)
	}
	field := make([]byte, 0, length+6)
	field = appendVarint(field, uint64(number<<3|wireBytes))
	field = appendVarint(field, uint64(length))
	for _, part := range parts {
		field = append(field, part...)
	}
	return field
}

func appendVarint(to []byte, value uint64) []byte {
	for value > 0x7f {
		to = append(to, byte(value)|0x80)
		value >>= 7
	}
	return append(to, byte(value))
}

var errDamaged = errors.New("damaged message")

// eachField calls visit with each length-delimited field of a message.
func eachField(message []byte, visit func(number int, content []byte)) error {
	for len(message) > 0 {
		tag, size := binary.Uvarint(message)
		if size <= 0 {
			return errDamaged
		}
		value, more := binary.Uvarint(message[size:])
		message = message[size+max(more, 0):]
		switch {
		case more <= 0, tag&7 != wireVarint && tag&7 != wireBytes:
			return errDamaged
		case tag&7 == wireVarint:
		case value > uint64(len(message)):
			return errDamaged
		default:
			visit(int(tag>>3), message[:value])
			message = message[value:]
		}
	}
	return nil
}

func max(a, b int) int {
	if a > b {
		return a
	}
	return b
}
