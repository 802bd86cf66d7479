import InteropMessages
import RPC

extension TestCase {
  /// For servers that misbehave on purpose: gRPC, `doc/http2-interop-test-descriptions.md`.
  static let http2: [String: Run] = [
    "goaway": { setting in
      // The server leaves after the first call; the second needs another connection.
      try await largeUnary(setting.channel)
      try await Task.sleep(for: .seconds(1))
      try await largeUnary(setting.channel)
    },
    "rst_after_header": { try await expectReset($0.channel) },
    "rst_during_data": { try await expectReset($0.channel) },
    "rst_after_data": { try await expectReset($0.channel) },
    "ping": { try await largeUnary($0.channel) },
    "data_frame_padding": { try await largeUnary($0.channel) },
    "no_df_padding_sanity_test": { try await largeUnary($0.channel) },
    "max_streams": { setting in
      // The first call learns that one stream at a time is all; then ten want one.
      try await largeUnary(setting.channel)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<10 { group.addTask { try await largeUnary(setting.channel) } }
        try await group.waitForAll()
      }
    },
  ]

  /// The server resets the stream with NO_ERROR, which is no end that gRPC knows.
  private static func expectReset(_ channel: any RPCChannel) async throws {
    try await expect(.internal, "a call whose stream is reset") {
      _ = try await channel.unary(TestMethods.unaryCall, SimpleRequest.large.message)
    }
  }
}
