internal import RPC
internal import Timing

/// How long a call may take over all attempts, unless it says otherwise.
public let defaultTimeout = Duration.seconds(30)

/// No attempt takes longer: another may reach a sidecar that answers.
private let attemptMax = Duration.seconds(10)

/// Makes a call again, after growing pauses, while there is time and the failure may pass.
///
/// - Parameter attempt: is given its deadline.
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
  /// True if another attempt may succeed.
  var mayPass: Bool {
    switch code {
    case .unavailable, .aborted, .deadlineExceeded, .cancelled: true
    // A full queue says when to come again; a message that is too large never fits.
    case .resourceExhausted: details.contains { $0.typeURL.hasSuffix("/google.rpc.RetryInfo") }
    default: false
    }
  }
}
