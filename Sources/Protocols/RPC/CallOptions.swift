/// Options of one call.
public struct CallOptions: Sendable {
  public var metadata: Metadata
  public var deadline: Deadline
  /// False: the call fails with UNAVAILABLE while there is no connection and the last attempt
  /// failed. True: it waits for a connection until its deadline.
  public var waitForReady: Bool
  /// A longer response fails the call with RESOURCE_EXHAUSTED. Nil: the channel's own limit.
  public var messageSizeMax: Int?
  /// The compression of requests. The server chooses that of responses.
  public var compression: Compression
  /// The caller on whose behalf the call is made, as far as proven. Only a channel within the
  /// process passes it to the server; others authenticate by other means.
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
