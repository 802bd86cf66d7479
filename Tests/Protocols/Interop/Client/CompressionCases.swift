import InteropMessages
import RPC

extension TestCase {
  /// What a caller of ours can see of compression: it compresses a whole call's requests or none,
  /// and does not learn whether a response was compressed.
  static let compression: [String: Run] = [
    "client_compressed_unary": { setting in
      // A server that cannot tell is not fit for the test.
      try await expect(.invalidArgument, "a request that only claims to be compressed") {
        try await compressedUnary(setting.channel, expected: true, .identity)
      }
      try await compressedUnary(setting.channel, expected: true, .gzip)
      try await compressedUnary(setting.channel, expected: false, .identity)
    },
    "server_compressed_unary": { setting in
      for isWanted in [true, false] {
        var request = SimpleRequest.large
        request.responseCompressed = isWanted
        let answer = try await setting.channel.unary(TestMethods.unaryCall, request.message)
        try expect(try PayloadResponse(answer).body == zeros(314159), "the body is wrong")
      }
    },
    "server_compressed_streaming": { setting in
      let wanted = [(31415, true), (92653, false)].map {
        ResponseParameters(size: $0.0, compressed: $0.1)
      }
      let call = try await setting.channel.serverStreaming(
        TestMethods.streamingOutputCall, StreamingOutputCallRequest(responses: wanted).message)
      var sizes: [Int] = []
      for try await answer in call.responses {
        sizes.append(try PayloadResponse(answer).body.count)
      }
      try expect(sizes == [31415, 92653], "the bodies have \(sizes) bytes")
    },
  ]

  private static func compressedUnary(
    _ channel: any RPCChannel, expected: Bool, _ compression: Compression
  ) async throws {
    var request = SimpleRequest.large
    request.expectCompressed = expected
    let answer = try await channel.unary(
      TestMethods.unaryCall, request.message, CallOptions(compression: compression))
    try expect(try PayloadResponse(answer).body == zeros(314159), "the body is wrong")
  }
}
