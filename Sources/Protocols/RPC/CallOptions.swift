/// What a caller may choose for one call.
public struct CallOptions: Sendable {
  public var metadata: Metadata
  public var deadline: Deadline
  /// False: the call fails with UNAVAILABLE while there is no connection and the last attempt
  /// failed. True: it waits for one, until its deadline.
  public var waitForReady: Bool
  /// A longer response fails the call with RESOURCE_EXHAUSTED. Nil: the channel's own limit.
  public var messageSizeMax: Int?
  /// How the requests travel. Responses come as the server chooses.
  public var compression: Compression
  /// Whom the call is made for, as far as that was proved: a channel within the process tells the
  /// server, others have proofs of their own.
  package var caller = Caller.anonymous

  public init(
    metadata: Metadata = [:], deadline: Deadline = .never, waitForReady: Bool = false,
    messageSizeMax: Int? = nil, compression: Compression = .identity
  ) {
    self.metadata = metadata
    self.deadline = deadline
    self.waitForReady = waitForReady
    self.messageSizeMax = messageSizeMax
    self.compression = compression
  }
}
