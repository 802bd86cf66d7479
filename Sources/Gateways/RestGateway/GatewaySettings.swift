import EventModel

/// Settings of a gateway.
package struct GatewaySettings: Sendable {
  /// The executable's version, for the index and the description.
  package var version = ""
  /// Browser pages of these origins may read answers; `*` allows every origin.
  package var origins: [String] = []
  /// The time for a request that sets none.
  package var deadline = Duration.seconds(30)
  /// The most bytes of payloads in one answer of a list. The rest is on the next page.
  package var pageBytesMax = 4 << 20

  package init() {}
}
