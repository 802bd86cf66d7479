import Synchronization
import Testing

@testable import RPC

@Suite(.timeLimit(.minutes(5))) final class ObserverTests: Sendable {
  private let ended = Mutex<[String]>([])

  private struct Observer: ServerObserver {
    let method: RPC.Method
    let note: @Sendable (String) -> Void

    func began(_ context: ServerContext) -> ContinuousClock.Instant { .now }

    func ended(
      _ context: ServerContext, _ code: RPCStatus.Code, since began: ContinuousClock.Instant
    ) {
      note("\(method.name) \(context.method == method) \(code)")
    }
  }

  /// What observers saw of one call of each kind.
  private func seen(_ status: RPCStatus?) async -> [String] {
    @Sendable func check() throws { if let status { throw status } }
    let service = Service(
      "test.Test",
      [
        "Unary": .unary { message, _ in
          try check()
          return message
        },
        "Up": .clientStreaming { _, _ in
          try check()
          return []
        },
        "Down": .serverStreaming { _, _, _ in try check() },
        "Both": .bidirectional { _, _, _ in try check() },
      ]
    ).observed { method in
      Observer(method: method) { [self] line in ended.withLock { $0.append(line) } }
    }
    let channel = InProcessChannel([service])
    for name in ["Unary", "Up", "Down", "Both"] {
      let call = try? await channel.serverStreaming(Method(service: "test.Test", name: name), [])
      #expect(await call?.status.code == status?.code ?? .ok)
    }
    return ended.withLock { $0 }
  }

  @Test func observerSeesTheEndOfEveryKindOfCall() async {
    let lines = await seen(nil)
    #expect(lines == ["Unary true OK", "Up true OK", "Down true OK", "Both true OK"])
  }

  @Test func observerSeesWhatTheHandlerThrewAndChangesNothing() async {
    let lines = await seen(RPCStatus(.notFound, "gone"))
    #expect(
      lines
        == ["Unary", "Up", "Down", "Both"].map { "\($0) true NOT_FOUND" })
  }
}
