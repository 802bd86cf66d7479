/// The bounds and timeouts of STOMP connections.
package struct STOMPLimits: Sendable {
  /// Unacknowledged messages of one connection. Further ones wait in the log.
  package var unacknowledgedMax = 50_000
  /// Entity types of all subscriptions of one connection: each is a call to a query-handler.
  package var feedsMax = 256
  /// The same for all connections: as many calls as a gateway's connections to one query-handler
  /// take by default. Further ones would wait, with every other call to it.
  package var allFeedsMax = 10_000
  /// Time for a client to connect.
  package var connectTime = Duration.seconds(10)
  /// How long a connection is held before it is refused: some clients reconnect without a pause.
  package var refusalHold = Duration.seconds(1)
  /// Time after which a client that reads none of the pending output is given up.
  package var stallTimeMax = Duration.seconds(60)
  /// Time to store acknowledgements when a connection ends.
  package var farewellTime = Duration.seconds(5)
  /// How long RECEIPT waits for the query-handler to open a subscription that begins at the log's
  /// end; a domain without events never answers.
  package var openingTime = Duration.seconds(2)
  /// The same for all others, which cannot miss an event.
  package var openingTimeOfOthers = Duration.milliseconds(300)
  /// Pause after a heart-beat: some clients lose a frame that arrives with it.
  package var pauseAfterHeartbeat = Duration.milliseconds(100)
  /// Connections accepted from one address at once, and then each second. Others wait.
  package var connectionsAtOnce = 50
  package var connectionsEachSecond = 5
  /// Bytes buffered for a socket before its writers wait.
  package var socketBufferBytesMax = 256 << 10

  package init() {}
}
