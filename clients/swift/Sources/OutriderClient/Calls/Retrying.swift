internal import RPC
internal import Timing

/// The default timeout of a call, retries included.
public let defaultTimeout = Duration.seconds(30)

/// The time limit of one attempt: the next may reach a sidecar that answers.
private let attemptMax = Duration.seconds(10)

/// Retries a call with back-off while there is time and the failure may pass.
///
/// - Parameter attempt: takes its deadline.
///
/// Throws `Refused`, or `Unavailable` when the time is up.
func retrying<Answer: Sendable>(
  _ timeout: Duration, commandID: String? = nil,
  _ attempt: @Sendable (Deadline) async throws -> Answer
) async throws -> Answer {
  let end = Deadline.after(timeout)
  var backoff = Backoff(from: .milliseconds(50), upTo: .seconds(2))
  while true {
    do { return try await attempt(min(end, .after(attemptMax))) } catch let status as RPCStatus {
      try Task.checkCancellation()
      guard status.mayPass else { throw Refused(status.code, status.message) }
      let pause = backoff.next(random: Environment.live.random())
      guard let remaining = end.remaining, remaining > pause else {
        throw Unavailable(message: "not within \(timeout): \(status)", commandID: commandID)
      }
      try await Environment.live.sleep(pause)
    }
  }
}

extension RPCStatus {
  /// True if a retry may succeed.
  var mayPass: Bool {
    switch code {
    case .unavailable, .aborted, .deadlineExceeded, .cancelled: true
    // A full queue says when to retry; a message that is too large never fits.
    case .resourceExhausted: details.contains { $0.typeURL.hasSuffix("/google.rpc.RetryInfo") }
    default: false
    }
  }
}
