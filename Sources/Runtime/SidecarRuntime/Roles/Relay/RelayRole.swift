extension SidecarRole {
  /// Publishes the log to the message channel. Its server has only health, status and metrics.
  static let relay = SidecarRole { _ in [] }
}
