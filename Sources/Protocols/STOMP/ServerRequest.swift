/// A client's request, validated as far as STOMP goes.
public enum ServerRequest: Equatable, Sendable {
  case logIn(Connect)
  case subscribe(Subscribe)
  /// The subscription's id.
  case unsubscribe(String, receipt: String?)
  /// The `ack` header of a MESSAGE, or its `message-id` from a client of STOMP 1.1.
  case acknowledge(String, receipt: String?)
  /// No action is needed.
  case nothing(receipt: String?)
  case disconnect(receipt: String?)
}

/// A request to connect.
public struct Connect: Equatable, Sendable {
  public var login: String?
  public var passcode: String?
  /// True if it lists the versions it speaks.
  public var namesVersions: Bool
  public var wantsHeartbeats: Bool
}

/// A request to subscribe.
public struct Subscribe: Equatable, Sendable {
  public var id: String
  /// The destination, decoded and as written.
  public var destination: Frame.Header
  public var receipt: String?

  public init(id: String, destination: Frame.Header, receipt: String?) {
    self.id = id
    self.destination = destination
    self.receipt = receipt
  }
}
