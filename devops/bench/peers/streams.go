package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"log"
	"os"
	"sort"
	"sync"
	"time"

	"google.golang.org/grpc"
)

// streams measures an echo server's streams, and prints what it measured as JSON: how many messages it feeds
// to four calls at once, and how long a message takes there and back in one chat.
func streams() {
	// Windows of a fixed size: else grpc-go sends a PING with each read, to learn what is under way, and
	// grpc-swift-2 takes that for a flood.
	channel, err := grpc.Dial(*address, grpc.WithInsecure(), grpc.WithBlock(),
		grpc.WithInitialWindowSize(1<<20), grpc.WithInitialConnWindowSize(1<<20))
	if err != nil {
		log.Fatal(err)
	}
	const calls, messages, rounds = 4, 100000, 20000
	feed(channel, messages/10)
	cpu, begin := cpuSeconds(*pid), time.Now()
	var done sync.WaitGroup
	for call := 0; call < calls; call++ {
		done.Add(1)
		go func() {
			defer done.Done()
			feed(channel, messages)
		}()
	}
	done.Wait()
	elapsed, used := time.Since(begin).Seconds(), cpuSeconds(*pid)-cpu

	chat(channel, rounds/10)
	cpu = cpuSeconds(*pid)
	latencies := chat(channel, rounds)
	chatted := cpuSeconds(*pid) - cpu
	sort.Slice(latencies, func(i, j int) bool { return latencies[i] < latencies[j] })
	json.NewEncoder(os.Stdout).Encode(map[string]float64{
		"feed_per_second": calls * messages / elapsed,
		"feed_cpu_us":     used / (calls * messages) * 1e6,
		"chat_p50_us":     latencies[rounds/2].Seconds() * 1e6,
		"chat_p99_us":     latencies[rounds*99/100].Seconds() * 1e6,
		"chat_cpu_us":     chatted / rounds * 1e6,
	})
}

// feed takes so many messages from a server that streams.
func feed(channel *grpc.ClientConn, count int) {
	stream, err := channel.NewStream(
		context.Background(), &grpc.StreamDesc{ServerStreams: true}, "/echo.Echo/Feed")
	if err != nil {
		log.Fatal(err)
	}
	request := make([]byte, 4)
	binary.BigEndian.PutUint32(request, uint32(count))
	if err := stream.SendMsg(&request); err != nil {
		log.Fatal(err)
	}
	stream.CloseSend()
	got := 0
	for {
		var message []byte
		if err := stream.RecvMsg(&message); err == io.EOF {
			break
		} else if err != nil {
			log.Fatal(err)
		}
		got++
	}
	if got != count {
		log.Fatalf("%d messages came instead of %d", got, count)
	}
}

// chat sends a message of 100 bytes and waits for it to come back, so many times.
func chat(channel *grpc.ClientConn, count int) []time.Duration {
	stream, err := channel.NewStream(
		context.Background(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/echo.Echo/Chat")
	if err != nil {
		log.Fatal(err)
	}
	latencies := make([]time.Duration, count)
	for index := range latencies {
		message := make([]byte, 100)
		begin := time.Now()
		if err := stream.SendMsg(&message); err != nil {
			log.Fatal(err)
		}
		if err := stream.RecvMsg(&message); err != nil {
			log.Fatal(err)
		}
		latencies[index] = time.Since(begin)
	}
	stream.CloseSend()
	return latencies
}
