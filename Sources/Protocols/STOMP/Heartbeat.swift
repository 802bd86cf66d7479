/// The server's heart-beats (STOMP 1.2, *Heart-beating*).
///
/// Nothing is demanded of the client: some promise heart-beats and send none. Some clients drop a
/// server after three times the announced interval, so the server beats earlier.
public enum Heartbeat {
  /// The interval announced in CONNECTED.
  public static let announced = Duration.seconds(10)
  /// The silence after which a heart-beat is sent.
  public static let silenceMax = Duration.seconds(8)

  static var header: Frame.Header { .init("heart-beat", "10000,0") }

  /// True if the client wants heart-beats; nil if the header is malformed.
  ///
  /// - Parameter header: two numbers of milliseconds: what the client will send, and what it
  ///   wants.
  static func isWanted(_ header: String?) -> Bool? {
    guard let header else { return false }
    let numbers = header.split(separator: ",", omittingEmptySubsequences: false)
      .map { UInt64($0.filter { $0 != " " }) }
    guard numbers.count == 2, numbers[0] != nil, let wanted = numbers[1] else { return nil }
    return wanted > 0
  }
}
