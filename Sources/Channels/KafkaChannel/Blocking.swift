import EventSourcing
import Threads

/// Makes a blocking call on a new thread: sessions begin seldom, and operators' calls are few.
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
