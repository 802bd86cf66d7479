import Synchronization

/// What a server holds at a time.
final class HTTPGauges: Sendable {
  /// Answers that go on for as long as their clients read.
  let streams = Atomic(0)
  /// Bytes of requests and answers.
  let heldBytes = Atomic(0)
}
