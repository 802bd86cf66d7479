import NIOPosix
import RPC
import RPCTransport
import Synchronization
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

  @Test func handlerThatNeverWaitsLetsOtherCallsIn() async throws {
    let stopped = Atomic(false)
    let stop = Handler.unary { _, _ in
      stopped.store(true, ordering: .relaxed)
      return []
    }
    let busy = Handler.unary { _, _ in
      while !stopped.load(ordering: .relaxed) { await Task.yield() }
      return []
    }
    let services = [Service("test.Test", ["Busy": busy, "Stop": stop])]
    let loop = EventLoops(threads: 1)
    try await withServer(services, on: loop) { channel, _, _ in
      async let end = channel.unary(method("Busy"), [])
      _ = try await channel.unary(method("Stop"), [])
      let answer = try await end
      #expect(answer == [])
    }
    try await loop.shutdown()
  }

  @Test func handlerThatWorksLongLetsOtherCallsInSoon() async throws {
    let heard = Atomic(0)
    let hello = Handler.unary { _, _ in
      heard.add(1, ordering: .relaxed)
      return []
    }
    let loop = EventLoops(threads: 1)
    let address = Address.unshared
    let busy = Handler.unary { _, _ in
      let channel = HTTP2Channel(to: address, on: loop)
      _ = try await channel.unary(method("Hello"), [])
      let inBackground = Task(executorPreference: loop) {
        while !Task.isCancelled { await workForAMillisecond() }
      }
      async let answer = channel.unary(method("Hello"), [])
      var pieces = 0
      while heard.load(ordering: .relaxed) < 2 {
        pieces += 1
        await workForAMillisecond()
      }
      inBackground.cancel()
      _ = try await answer
      await channel.close()
      return Array("\(pieces)".utf8)
    }
    let services = [Service("test.Test", ["Hello": hello, "Busy": busy])]
    try await withServer(services, at: address, on: loop) { channel, _, _ in
      let answer = try await channel.unary(method("Busy"), [])
      let pieces = try #require(Int(String(decoding: answer, as: UTF8.self)))
      #expect(pieces < 100)
    }
    try await loop.shutdown()
  }

  @Test func taskInTheBackgroundThatNeverWaitsLetsCallsIn() async throws {
    let hello = Handler.unary { request, _ in request }
    let loop = EventLoops(threads: 1)
    try await withServer(service("Hello", hello), on: loop) { channel, _, _ in
      let busy = Task(executorPreference: loop) {
        while !Task.isCancelled { await Task.yield() }
        return MultiThreadedEventLoopGroup.currentEventLoop != nil
      }
      let answer = try await channel.unary(method("Hello"), [1])
      busy.cancel()
      #expect(answer == [1])
      #expect(await busy.value)
    }
    try await loop.shutdown()
  }

  @Test func taskInTheBackgroundRunsBehindCalls() async throws {
    let loop = EventLoops(threads: 1)
    let (steps, recorder) = AsyncStream<String>.makeStream()
    let call = Handler.unary { _, _ in
      _ = Task(executorPreference: loop) {
        recorder.yield("background")
        recorder.finish()
      }
      for _ in 0..<5 {
        await Task.yield()
        recorder.yield("call")
      }
      return []
    }
    try await withServer(service("Call", call), on: loop) { channel, _, _ in
      _ = try await channel.unary(method("Call"), [])
      let order = await steps.reduce(into: []) { $0.append($1) }
      #expect(order == Array(repeating: "call", count: 5) + ["background"])
    }
    try await loop.shutdown()
  }
}

private func workForAMillisecond() async {
  let end = ContinuousClock.now + .milliseconds(1)
  while ContinuousClock.now < end {}
  await Task.yield()
}
