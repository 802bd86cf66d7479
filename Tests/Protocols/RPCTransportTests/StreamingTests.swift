import RPC
import RPCTransport
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct StreamingTests {
  @Test func serverStreamsManyMessagesInOrder() async throws {
    let count = Handler.serverStreaming { request, responses, _ in
      for number in 0..<request[0] { try await responses.send([number]) }
    }
    try await withServer(service("Count", count)) { channel, _, _ in
      let call = try await channel.serverStreaming(method("Count"), [100])
      var received: [UInt8] = []
      for try await message in call.responses { received += message }
      #expect(received == Array(0..<100))
      #expect(await call.status == .ok)
    }
  }

  @Test func clientStreamsManyMessagesToOneAnswer() async throws {
    let sum = Handler.clientStreaming { requests, _ in
      var sum: UInt8 = 0
      for try await message in requests { sum += message[0] }
      return [sum]
    }
    try await withServer(service("Sum", sum)) { channel, _, _ in
      let call = try await channel.stream(method("Sum"))
      for number in 1...10 { try await call.send([UInt8(number)]) }
      call.finishSending()
      var received: [Message] = []
      for try await message in call.responses { received.append(message) }
      #expect(received == [[55]])
    }
  }

  @Test func messagesGoBackAndForth() async throws {
    let echo = Handler.bidirectional { requests, responses, _ in
      for try await message in requests { try await responses.send(message + [0]) }
    }
    try await withServer(service("Echo", echo)) { channel, _, _ in
      let call = try await channel.stream(method("Echo"))
      var responses = call.responses.makeAsyncIterator()
      for number in UInt8(1)...20 {
        try await call.send([number])
        let answer = try await responses.next()
        #expect(answer == [number, 0])
      }
      call.finishSending()
      let end = try await responses.next()
      #expect(end == nil)
    }
  }

  @Test func handlerThatIsNotReadingStopsItsSender() async throws {
    let mayRead = Signal()
    let late = Handler.clientStreaming { requests, _ in
      try await mayRead.wait()
      var count = 0
      for try await _ in requests { count += 1 }
      return [UInt8(count)]
    }
    try await withServer(service("Late", late)) { channel, _, _ in
      let call = try await channel.stream(method("Late"))
      let sender = Task {
        // Three times what the window and the client's own buffer hold together.
        for _ in 0..<16 { try await call.send(Message(repeating: 0, count: 64 << 10)) }
        call.finishSending()
        return ContinuousClock.now
      }
      // Other calls of the connection are not held up meanwhile.
      let other = await status { () async throws(RPCStatus) in
        _ = try await channel.unary(method("Other"), [])
      }
      #expect(other.code == .unimplemented)
      let released = ContinuousClock.now
      mayRead.happen()
      #expect(try await sender.value > released)
      var received: [Message] = []
      for try await message in call.responses { received.append(message) }
      #expect(received == [[16]])
    }
  }

  @Test func callerThatIsNotReadingStopsTheHandler() async throws {
    let sent = Mutex(0)
    let flood = Handler.serverStreaming { _, responses, _ in
      for _ in 0..<64 {
        try await responses.send(Message(repeating: 0, count: 64 << 10))
        sent.withLock { $0 += 1 }
      }
    }
    try await withServer(service("Flood", flood)) { channel, _, _ in
      let call = try await channel.serverStreaming(method("Flood"), [])
      _ = try await call.initialMetadata
      // A whole other call later, the handler is still held at the window.
      _ = await status { () async throws(RPCStatus) in
        _ = try await channel.unary(method("Other"), [])
      }
      #expect(sent.withLock { $0 } < 16)
      var count = 0
      for try await _ in call.responses { count += 1 }
      #expect(count == 64)
    }
  }

  @Test func answerBeforeTheEndOfTheRequestEndsTheCall() async throws {
    let hasty = Handler.clientStreaming { _, _ in [7] }
    try await withServer(service("Hasty", hasty)) { channel, _, _ in
      let call = try await channel.stream(method("Hasty"))
      var received: [Message] = []
      for try await message in call.responses { received.append(message) }
      #expect(received == [[7]])
      #expect(await call.status == .ok)
    }
  }

  @Test func secondRequestOfAUnaryMethodIsRefused() async throws {
    let echo = Handler.unary { message, _ in message }
    try await withServer(service("Echo", echo)) { channel, _, _ in
      let call = try await channel.stream(method("Echo"))
      try await call.send([1])
      try? await call.send([2])
      call.finishSending()
      #expect(await call.status.code == .unimplemented)
      let empty = try await channel.stream(method("Echo"))
      empty.finishSending()
      #expect(
        await empty.status
          == RPCStatus(.unimplemented, "there must be one message, and there was none"))
    }
  }
}
