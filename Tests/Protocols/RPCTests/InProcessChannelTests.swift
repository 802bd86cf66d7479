import RPC
import Testing

@Suite(.timeLimit(.minutes(5))) struct InProcessChannelTests {
  let method = Method(service: "a.B", name: "C")

  func channel(_ handler: Handler) -> InProcessChannel {
    InProcessChannel([Service("a.B", ["C": handler])])
  }

  func status(of call: () async throws(RPCStatus) -> Message) async -> RPCStatus {
    do { _ = try await call() } catch { return error }
    return .ok
  }

  @Test func unaryCallReturnsTheHandlersAnswer() async throws {
    let channel = channel(.unary { message, _ in message + [9] })
    #expect(try await channel.unary(method, [1]) == [1, 9])
  }

  @Test func streamsFlowBothWaysWithinTheirBounds() async throws {
    let channel = channel(
      .bidirectional { requests, responses, _ in
        for try await message in requests { try await responses.send(message) }
      })
    let call = try await channel.stream(method)
    let sender = Task {
      for number in 0..<200 { try await call.send([UInt8(number)]) }
      call.finishSending()
    }
    var received: [UInt8] = []
    for try await message in call.responses { received += message }
    try await sender.value
    #expect(received == Array(0..<200))
  }

  @Test func metadataAndStatusTravel() async throws {
    let channel = channel(
      .unary { _, context in
        context.setInitialMetadata(["first": context.metadata["who"] ?? ""])
        context.setTrailingMetadata(["last": "b"])
        throw RPCStatus(.aborted, "again")
      })
    let error = await status { () async throws(RPCStatus) in
      try await channel.unary(method, [], CallOptions(metadata: ["who": "a"]))
    }
    #expect(error == RPCStatus(.aborted, "again", metadata: ["last": "b"]))
  }

  @Test func unknownMethodIsUnimplemented() async {
    let channel = channel(.unary { message, _ in message })
    let error = await status { () async throws(RPCStatus) in
      try await channel.unary(Method(service: "a.B", name: "D"), [])
    }
    #expect(error == RPCStatus(.unimplemented, "service a.B has no method D"))
  }

  @Test func passedDeadlineCancelsTheHandler() async {
    let (cancelled, continuation) = AsyncStream<Void>.makeStream()
    let channel = channel(
      .unary { message, _ in
        for await _ in AsyncStream<Void>.makeStream().stream {}
        continuation.finish()
        return message
      })
    let error = await status { () async throws(RPCStatus) in
      try await channel.unary(method, [], CallOptions(deadline: .after(.milliseconds(10))))
    }
    #expect(error.code == .deadlineExceeded)
    for await _ in cancelled {}
  }

  @Test func cancelledCallerCancelsTheHandler() async {
    let (began, begin) = AsyncStream<Void>.makeStream()
    let (cancelled, cancel) = AsyncStream<Void>.makeStream()
    let channel = channel(
      .unary { message, _ in
        begin.finish()
        for await _ in AsyncStream<Void>.makeStream().stream {}
        cancel.finish()
        return message
      })
    let caller = Task {
      await status { () async throws(RPCStatus) in try await channel.unary(method, []) }
    }
    for await _ in began {}
    caller.cancel()
    let end = await caller.value
    #expect(end.code == .cancelled)
    for await _ in cancelled {}
  }

  @Test func closedChannelEndsItsCallsAndTakesNoMore() async throws {
    let channel = channel(.bidirectional { requests, _, _ in for try await _ in requests {} })
    let call = try await channel.stream(method)
    await channel.close()
    #expect(await call.status.code == .cancelled)
    let error = await status { () async throws(RPCStatus) in try await channel.unary(method, []) }
    #expect(error.code == .unavailable)
  }

  @Test func messageOverTheLimitIsResourceExhausted() async {
    var limits = RPCLimits()
    limits.messageBytesMax = 10
    let router = Router([Service("a.B", ["C": .unary { message, _ in message }])])
    let channel = InProcessChannel(router, limits: limits)
    let error = await status { () async throws(RPCStatus) in
      try await channel.unary(method, Message(repeating: 0, count: 11))
    }
    #expect(error.code == .resourceExhausted)
  }
}
