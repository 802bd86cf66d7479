/// The bounds and times of STOMP connections.
package struct STOMPLimits: Sendable {
  /// Messages of one connection that its client has not acknowledged. Further ones wait in the log.
  package var unacknowledgedMax = 50_000
  /// Entity types of all subscriptions of one connection: each is a call to a query-handler.
  package var feedsMax = 256
  /// The same of all connections: as many as a gateway's connections to one query-handler take,
  /// each with so many calls as that takes by itself. More would wait, with every other call there.
  package var allFeedsMax = 10_000
  /// How long a client may take to connect.
  package var connectTime = Duration.seconds(10)
  /// How long a connection is held that is to be refused: some clients come back without a pause.
  package var refusalHold = Duration.seconds(1)
  /// After how long a client is given up that reads nothing though something is on its way.
  package var stallTimeMax = Duration.seconds(60)
  /// How long what was acknowledged may take to be stored when a connection ends.
  package var farewellTime = Duration.seconds(5)
  /// How long RECEIPT waits for the query-handler to take a subscription up that begins with what
  /// comes from then on; a domain without events never answers.
  package var openingTime = Duration.seconds(2)
  /// The same for all others: there is nothing to be missed.
  package var openingTimeOfOthers = Duration.milliseconds(300)
  /// For how long nothing follows a heart-beat: some clients lose a frame that comes with it.
  package var pauseAfterHeartbeat = Duration.milliseconds(100)
  /// Connections of one address that are let in at once, and then each second. Others wait.
  package var connectionsAtOnce = 50
  package var connectionsEachSecond = 5
  /// Bytes that may be on their way to a socket before its writers wait.
  package var socketBufferBytesMax = 256 << 10

  package init() {}
}
