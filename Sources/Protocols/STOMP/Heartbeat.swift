/// How often a server sends something (STOMP 1.2, *Heart-beating*).
///
/// Nothing is demanded of the client: some promise heart-beats and send none. A server that is
/// slow to send is dropped by some after three times what it announced, so it beats earlier.
public enum Heartbeat {
  /// What CONNECTED announces.
  public static let announced = Duration.seconds(10)
  /// After so long a silence a beat is sent.
  public static let silenceMax = Duration.seconds(8)

  static var header: Frame.Header { .init("heart-beat", "10000,0") }

  /// Whether the client wants to hear from the server; nil where the header is malformed.
  ///
  /// - Parameter header: two numbers of milliseconds: what the client will send, and what it wants.
  static func isWanted(_ header: String?) -> Bool? {
    guard let header else { return false }
    let numbers = header.split(separator: ",", omittingEmptySubsequences: false)
      .map { UInt64($0.filter { $0 != " " }) }
    guard numbers.count == 2, numbers[0] != nil, let wanted = numbers[1] else { return nil }
    return wanted > 0
  }
}
