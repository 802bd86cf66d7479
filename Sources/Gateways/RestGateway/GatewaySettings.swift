import EventModel

/// What a gateway is told beside its sidecars.
package struct GatewaySettings: Sendable {
  /// Of the executable, for the index and the description.
  package var version = ""
  /// Pages of these origins may read answers in a browser; `*` stands for every one.
  package var origins: [String] = []
  /// The time for a request that sets none.
  package var deadline = Duration.seconds(30)
  /// The most that one answer of a list takes in memory, in bytes of payloads. The rest is on the
  /// next page.
  package var pageBytesMax = 4 << 20

  package init() {}
}
