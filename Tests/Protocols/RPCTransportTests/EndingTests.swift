import RPC
import RPCTransport
import Synchronization
import Testing

/// How calls end before their handler does.
@Suite(.timeLimit(.minutes(5))) struct EndingTests {
  /// A handler of each kind that says when it began and when it was cancelled.
  static func hanging(_ began: Signal, _ cancelled: Signal) -> [Service] {
    let hang: @Sendable () async throws -> Void = {
      began.happen()
      defer { cancelled.happen() }
      try await waitForCancellation()
    }
    return [
      Service(
        "test.Test",
        [
          "Unary": .unary { message, _ in
            try await hang()
            return message
          },
          "Stream": .bidirectional { _, _, _ in try await hang() },
        ])
    ]
  }

  @Test func passedDeadlineEndsTheCallOnBothSides() async throws {
    let began = Atomic(false)
    let cancelled = Signal()
    let hang = Handler.unary { _, _ in
      began.store(true, ordering: .relaxed)
      defer { cancelled.happen() }
      try await waitForCancellation()
    }
    try await withServer(service("Hang", hang)) { channel, _, _ in
      // On a busy machine a short time may pass before the handler begins, so it doubles until not.
      var time = Duration.milliseconds(20)
      while !began.load(ordering: .relaxed) {
        let options = CallOptions(deadline: .after(time))
        let end = await status { () async throws(RPCStatus) in
          _ = try await channel.unary(method("Hang"), [], options)
        }
        #expect(end.code == .deadlineExceeded)
        time *= 2
      }
      try await cancelled.wait()
    }
  }

  @Test func deadlineReachesTheHandler() async throws {
    let tell = Handler.unary { _, context in
      guard let remaining = context.deadline.remaining else { return [0] }
      return [remaining > .seconds(50) && remaining <= .seconds(60) ? 1 : 2]
    }
    try await withServer(service("Tell", tell)) { channel, _, _ in
      let none = try await channel.unary(method("Tell"), [])
      #expect(none == [0])
      let minute = try await channel.unary(
        method("Tell"), [], CallOptions(deadline: .after(.seconds(60))))
      #expect(minute == [1])
    }
  }

  @Test func deadlineThatHasPassedNeverReachesTheServer() async throws {
    try await withServer(Self.hanging(Signal(), Signal())) { channel, _, _ in
      let status = await status { () async throws(RPCStatus) in
        _ = try await channel.unary(method("Unary"), [], CallOptions(deadline: .after(.zero)))
      }
      #expect(status.code == .deadlineExceeded)
    }
  }

  @Test func cancelledTaskCancelsTheHandler() async throws {
    let began = Signal()
    let cancelled = Signal()
    try await withServer(Self.hanging(began, cancelled)) { channel, _, _ in
      let caller = Task {
        await status { () async throws(RPCStatus) in
          _ = try await channel.unary(method("Unary"), [])
        }
      }
      try await began.wait()
      caller.cancel()
      #expect(await caller.value.code == .cancelled)
      try await cancelled.wait()
    }
  }

  @Test func cancelledStreamCancelsTheHandler() async throws {
    let began = Signal()
    let cancelled = Signal()
    try await withServer(Self.hanging(began, cancelled)) { channel, _, _ in
      let call = try await channel.stream(method("Stream"))
      try await began.wait()
      call.cancel()
      #expect(await call.status.code == .cancelled)
      try await cancelled.wait()
    }
  }

  @Test func forgottenCallIsCancelled() async throws {
    let began = Signal()
    let cancelled = Signal()
    try await withServer(Self.hanging(began, cancelled)) { channel, _, _ in
      _ = try await channel.stream(method("Stream"))
      await #expect(throws: Never.self) { try await cancelled.wait() }
    }
  }

  @Test func handlersOwnCancellationIsCancelled() async throws {
    let give = Handler.unary { _, _ in throw CancellationError() }
    try await withServer(service("Give", give)) { channel, _, _ in
      let status = await status { () async throws(RPCStatus) in
        _ = try await channel.unary(method("Give"), [])
      }
      #expect(status.code == .cancelled)
    }
  }

  @Test func brokenConnectionEndsItsCallsWithUnavailable() async throws {
    let began = Signal()
    let cancelled = Signal()
    try await withServer(Self.hanging(began, cancelled)) { channel, _, server in
      let caller = Task {
        await status { () async throws(RPCStatus) in
          _ = try await channel.unary(method("Unary"), [])
        }
      }
      try await began.wait()
      await server.shutdown(grace: .zero)
      let end = await caller.value
      #expect(end.code == .unavailable)
      #expect(!end.isNeverProcessed)
      try await cancelled.wait()
    }
  }
}
