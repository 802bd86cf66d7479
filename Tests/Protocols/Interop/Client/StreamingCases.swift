import InteropMessages
import RPC

extension TestCase {
  private static let requestSizes = [27182, 8, 1828, 45904]
  private static let responseSizes = [31415, 9, 2653, 58979]

  static let streaming: [String: Run] = [
    "client_streaming": { setting in
      let call = try await setting.channel.stream(TestMethods.streamingInputCall)
      for size in requestSizes {
        try await call.send(StreamingInputCallRequest(body: zeros(size)).message)
      }
      call.finishSending()
      var answers: [Message] = []
      for try await answer in call.responses { answers.append(answer) }
      try expect(answers.count == 1, "there are \(answers.count) answers")
      let size = try StreamingInputCallResponse(answers[0]).aggregatedPayloadSize
      try expect(size == 74922, "the server counted \(size) bytes")
    },
    "server_streaming": { try await serverStreaming($0.channel, pause: .zero) },
    "slow_consumer": { try await serverStreaming($0.channel, pause: .milliseconds(20), times: 20) },
    "ping_pong": { setting in
      let call = try await setting.channel.stream(TestMethods.fullDuplexCall)
      var answers = call.responses.makeAsyncIterator()
      for (request, response) in zip(requestSizes, responseSizes) {
        try await call.send(pingPong(request, response))
        let answer = try await answers.next()
        try expect(try body(answer).count == response, "a body has a wrong size")
      }
      call.finishSending()
      let rest = try await answers.next()
      try expect(rest == nil, "there is an answer too many")
    },
    "half_duplex": { setting in
      let call = try await setting.channel.stream(TestMethods.halfDuplexCall)
      for size in responseSizes { try await call.send(pingPong(0, size)) }
      call.finishSending()
      try await expectResponses(responseSizes, of: call)
    },
    "empty_stream": { setting in
      let call = try await setting.channel.stream(TestMethods.fullDuplexCall)
      call.finishSending()
      try await expectResponses([], of: call)
      let status = await call.status
      try expect(status.code == .ok, "the call ended with \(status)")
    },
    "timeout_on_sleeping_server": { setting in
      try await expect(.deadlineExceeded, "a call with a millisecond to live") {
        let options = CallOptions(deadline: .after(.milliseconds(1)))
        let call = try await setting.channel.stream(TestMethods.fullDuplexCall, options)
        try await call.send(pingPong(27182, 0))
        for try await _ in call.responses {}
      }
    },
    "cancel_after_begin": { setting in
      let call = try await setting.channel.stream(TestMethods.streamingInputCall)
      call.cancel()
      let status = await call.status
      try expect(status.code == .cancelled, "the call ended with \(status)")
    },
    "cancel_after_first_response": { setting in
      let call = try await setting.channel.stream(TestMethods.fullDuplexCall)
      var answers = call.responses.makeAsyncIterator()
      try await call.send(pingPong(27182, 31415))
      let answer = try await answers.next()
      try expect(try body(answer).count == 31415, "a body has a wrong size")
      call.cancel()
      let status = await call.status
      try expect(status.code == .cancelled, "the call ended with \(status)")
    },
  ]

  private static func serverStreaming(
    _ channel: any RPCChannel, pause: Duration, times: Int = 1
  ) async throws {
    let sizes = Array(repeating: responseSizes, count: times).flatMap { $0 }
    let request = StreamingOutputCallRequest(responses: sizes.map { ResponseParameters(size: $0) })
    let call = try await channel.serverStreaming(TestMethods.streamingOutputCall, request.message)
    try await expectResponses(sizes, of: call, pause: pause)
  }

  private static func expectResponses(
    _ sizes: [Int], of call: ClientCall, pause: Duration = .zero
  ) async throws {
    var got: [Int] = []
    for try await answer in call.responses {
      got.append(try body(answer).count)
      if pause > .zero { try await Task.sleep(for: pause) }
    }
    try expect(got == sizes, "the bodies have \(got) bytes rather than \(sizes)")
  }

  private static func pingPong(_ request: Int, _ response: Int) -> Message {
    StreamingOutputCallRequest(
      responses: [ResponseParameters(size: response)], body: zeros(request)
    ).message
  }

  private static func body(_ answer: Message?) throws -> Message {
    guard let answer else { throw CaseFailure("an answer is missing") }
    return try PayloadResponse(answer).body
  }
}
