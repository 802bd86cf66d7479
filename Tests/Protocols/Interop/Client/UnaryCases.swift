import InteropMessages
import RPC

extension TestCase {
  static let unary: [String: Run] = [
    "empty_unary": { setting in
      let answer = try await setting.channel.unary(TestMethods.emptyCall, [])
      try expect(answer.isEmpty, "an empty message came back with \(answer.count) bytes")
    },
    "large_unary": { try await largeUnary($0.channel) },
    "status_code_and_message": { setting in
      try await echoStatus(EchoStatus(code: 2, message: "test status message"), setting.channel)
    },
    "special_status_message": { setting in
      let message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"
      try await echoStatusOfUnaryCall(EchoStatus(code: 2, message: message), setting.channel)
    },
    "custom_metadata": { setting in
      let unary = try await setting.channel.serverStreaming(
        TestMethods.unaryCall, SimpleRequest.large.message, customMetadata)
      try await checkCustomMetadata(unary)
      let duplex = try await setting.channel.stream(TestMethods.fullDuplexCall, customMetadata)
      try await duplex.send(
        StreamingOutputCallRequest(
          responses: [ResponseParameters(size: 314159)], body: zeros(271828)
        ).message)
      duplex.finishSending()
      try await checkCustomMetadata(duplex)
    },
    "unimplemented_method": { setting in
      try await expect(.unimplemented, "a method that does not exist") {
        _ = try await setting.channel.unary(TestMethods.unimplementedCall, [])
      }
    },
    "unimplemented_service": { setting in
      try await expect(.unimplemented, "a service that does not exist") {
        _ = try await setting.channel.unary(TestMethods.unimplementedService, [])
      }
    },
  ]

  static func largeUnary(_ channel: any RPCChannel) async throws {
    let answer = try await channel.unary(TestMethods.unaryCall, SimpleRequest.large.message)
    let body = try PayloadResponse(answer).body
    try expect(body == zeros(314159), "the body of \(body.count) bytes is not 314159 zeros")
  }

  private static func echoStatus(_ wanted: EchoStatus, _ channel: any RPCChannel) async throws {
    try await echoStatusOfUnaryCall(wanted, channel)
    let call = try await channel.stream(TestMethods.fullDuplexCall)
    try await call.send(StreamingOutputCallRequest(responseStatus: wanted).message)
    call.finishSending()
    let status = await call.status
    try expect(
      status.code.rawValue == wanted.code && status.message == wanted.message,
      "the stream ended with \(status)")
  }

  private static func echoStatusOfUnaryCall(
    _ wanted: EchoStatus, _ channel: any RPCChannel
  ) async throws {
    var request = SimpleRequest()
    request.responseStatus = wanted
    let status = try await expect(.unknown, "a call that is to fail") {
      _ = try await channel.unary(TestMethods.unaryCall, request.message)
    }
    try expect(
      status.message == wanted.message, "the message is \(status.message.debugDescription)")
  }

  private static let initialValue = "test_initial_metadata_value"
  private static let trailingValue: [UInt8] = [0xab, 0xab, 0xab]

  private static var customMetadata: CallOptions {
    var metadata: Metadata = [EchoedMetadata.initial: initialValue]
    metadata.append(EchoedMetadata.trailing, bytes: trailingValue)
    return CallOptions(metadata: metadata)
  }

  private static func checkCustomMetadata(_ call: ClientCall) async throws {
    let initial = try await call.initialMetadata
    try expect(
      initial.values(EchoedMetadata.initial) == [initialValue], "initial metadata is \(initial)")
    for try await answer in call.responses {
      try expect(try PayloadResponse(answer).body.count == 314159, "a body has a wrong size")
    }
    let status = await call.status
    try expect(status.code == .ok, "the call ended with \(status)")
    let trailing = await call.trailingMetadata
    try expect(
      trailing.bytes(EchoedMetadata.trailing) == trailingValue, "trailing metadata is \(trailing)")
  }
}

extension SimpleRequest {
  /// What most cases send.
  static let large = SimpleRequest(responseSize: 314159, body: zeros(271828))
}

func zeros(_ count: Int) -> Message { Message(repeating: 0, count: count) }
