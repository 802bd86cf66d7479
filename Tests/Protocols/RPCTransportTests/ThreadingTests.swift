import NIOPosix
import RPC
import RPCTransport
import Testing

/// Handlers and callers on the loop, and off it.
@Suite(.timeLimit(.minutes(5))) struct ThreadingTests {
  @Test func handlerMayAnswerFromAnyThread() async throws {
    let away = Handler.bidirectional { requests, responses, context in
      try await Task.detached {
        context.setInitialMetadata(["from": "afar"])
        context.setTrailingMetadata(["still": "afar"])
        for try await message in requests { try await responses.send(message) }
      }.value
    }
    try await withServer(service("Away", away)) { channel, _, _ in
      let call = try await channel.stream(method("Away"))
      for number in UInt8(0)..<50 { try await call.send([number]) }
      call.finishSending()
      var received: [UInt8] = []
      for try await message in call.responses { received += message }
      #expect(received == Array(0..<50))
      let initial = try await call.initialMetadata
      #expect(initial["from"] == "afar")
      #expect(await call.trailingMetadata["still"] == "afar")
    }
  }

  @Test func callMadeByAHandlerStaysOnTheHandlersThread() async throws {
    let whose = Handler.unary { _, _ in
      let loop = MultiThreadedEventLoopGroup.currentEventLoop
      return Array("\(loop.map { ObjectIdentifier($0).hashValue } ?? 0)".utf8)
    }
    try await withServer(service("Whose", whose)) { inner, _, _ in
      let ask = Handler.unary { _, _ in
        let before = MultiThreadedEventLoopGroup.currentEventLoop
        _ = try await inner.unary(method("Whose"), [])
        let after = MultiThreadedEventLoopGroup.currentEventLoop
        return [before != nil && before === after ? 1 : 0]
      }
      try await withServer(service("Ask", ask)) { outer, _, _ in
        let isSame = try await outer.unary(method("Ask"), [])
        #expect(isSame == [1])
      }
    }
  }

  @Test func childTaskOfAHandlerMayGiveUpReading() async throws {
    let gaveUp = Signal()
    let impatient = Handler.bidirectional { requests, responses, _ in
      let reader = Task {
        var requests = requests.makeAsyncIterator()
        return try await requests.next()
      }
      reader.cancel()
      let outcome = await reader.result
      guard case .failure(let error as RPCStatus) = outcome, error.code == .cancelled else {
        throw RPCStatus(.internal, "the reader went on")
      }
      gaveUp.happen()
      for try await message in requests { try await responses.send(message) }
    }
    try await withServer(service("Impatient", impatient)) { channel, _, _ in
      let call = try await channel.stream(method("Impatient"))
      try await gaveUp.wait()
      try await call.send([5])
      call.finishSending()
      var received: [Message] = []
      for try await message in call.responses { received.append(message) }
      #expect(received == [[5]])
    }
  }
}
