import EventSourcing
import Threads

/// Makes a call that blocks on a thread of its own: sessions begin seldom, and operators are few.
func blocking<Outcome: Sendable>(
  _ body: @escaping @Sendable (Cancellation) throws(ChannelError) -> Outcome
) async throws(ChannelError) -> Outcome {
  let result: Result<Outcome, ChannelError>
  do throws(ThreadFailure) {
    result = try await onThread { cancellation in
      Result { () throws(ChannelError) in try body(cancellation) }
    }
  } catch {
    throw ChannelError(.unavailable, "\(error)")
  }
  return try result.get()
}
