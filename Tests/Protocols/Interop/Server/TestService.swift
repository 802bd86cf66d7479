import InteropMessages
import RPC

extension Service {
  /// `grpc.testing.TestService`, as gRPC's `doc/interop-test-descriptions.md` wants it of a server.
  static let test = Service(
    TestMethods.service,
    [
      "EmptyCall": .unary { _, context in
        context.echoMetadata()
        return []
      },
      "UnaryCall": .unary { message, context in
        context.echoMetadata()
        let request = try SimpleRequest(message)
        try request.responseStatus.check()
        try context.check(expectCompressed: request.expectCompressed)
        if request.responseCompressed == true { context.setCompression(.gzip) }
        return PayloadResponse(body: try zeros(request.responseSize)).message
      },
      "StreamingInputCall": .clientStreaming { requests, context in
        context.echoMetadata()
        var size = 0
        for try await message in requests {
          let request = try StreamingInputCallRequest(message)
          try context.check(expectCompressed: request.expectCompressed)
          size += request.body.count
        }
        return StreamingInputCallResponse(aggregatedPayloadSize: size).message
      },
      "StreamingOutputCall": .serverStreaming { message, responses, context in
        context.echoMetadata()
        try await answer(StreamingOutputCallRequest(message), responses, context)
      },
      "FullDuplexCall": .bidirectional { requests, responses, context in
        context.echoMetadata()
        for try await message in requests {
          try await answer(StreamingOutputCallRequest(message), responses, context)
        }
      },
      "HalfDuplexCall": .bidirectional { requests, responses, context in
        context.echoMetadata()
        var all: [StreamingOutputCallRequest] = []
        for try await message in requests { all.append(try StreamingOutputCallRequest(message)) }
        for request in all { try await answer(request, responses, context) }
      },
    ])
}

private func answer(
  _ request: StreamingOutputCallRequest, _ responses: ResponseStream, _ context: ServerContext
) async throws {
  try request.responseStatus.check()
  for wanted in request.responses {
    if wanted.interval > .zero { try await Task.sleep(for: wanted.interval) }
    if let compressed = wanted.compressed { context.setCompression(compressed ? .gzip : .identity) }
    try await responses.send(PayloadResponse(body: try zeros(wanted.size)).message)
  }
}

private func zeros(_ count: Int) throws(RPCStatus) -> Message {
  guard (0...(16 << 20)).contains(count) else {
    throw RPCStatus(.invalidArgument, "no response has a size of \(count)")
  }
  return Message(repeating: 0, count: count)
}

extension EchoStatus? {
  fileprivate func check() throws(RPCStatus) {
    guard let self, self.code != 0 else { return }
    throw RPCStatus(RPCStatus.Code(number: self.code), self.message)
  }
}

extension ServerContext {
  /// What must have come compressed did.
  fileprivate func check(expectCompressed: Bool?) throws(RPCStatus) {
    guard expectCompressed == true, !isRequestCompressed else { return }
    throw RPCStatus(.invalidArgument, "the request was to be compressed, and is not")
  }

  fileprivate func echoMetadata() {
    if let value = metadata[EchoedMetadata.initial] {
      setInitialMetadata([EchoedMetadata.initial: value])
    }
    if let value = metadata.bytes(EchoedMetadata.trailing) {
      var trailing = Metadata()
      trailing.append(EchoedMetadata.trailing, bytes: value)
      setTrailingMetadata(trailing)
    }
  }
}
