/// What a client asks for, checked as far as STOMP itself goes.
public enum ServerRequest: Equatable, Sendable {
  case logIn(Connect)
  case subscribe(Subscribe)
  /// The subscription's id.
  case unsubscribe(String, receipt: String?)
  /// The `ack` header of a MESSAGE, or its `message-id` from a client of STOMP 1.1.
  case acknowledge(String, receipt: String?)
  /// Nothing is to be done.
  case nothing(receipt: String?)
  case disconnect(receipt: String?)
}

/// Who wants in.
public struct Connect: Equatable, Sendable {
  public var login: String?
  public var passcode: String?
  /// Whether it says which versions it speaks.
  public var namesVersions: Bool
  public var wantsHeartbeats: Bool
}

/// Which messages are wanted.
public struct Subscribe: Equatable, Sendable {
  public var id: String
  /// What is subscribed to, also as it was written.
  public var destination: Frame.Header
  public var receipt: String?

  public init(id: String, destination: Frame.Header, receipt: String?) {
    self.id = id
    self.destination = destination
    self.receipt = receipt
  }
}
