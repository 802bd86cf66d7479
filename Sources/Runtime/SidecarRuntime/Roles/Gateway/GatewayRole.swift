extension SidecarRole {
  /// Serves clients over HTTP/1.1, and calls the other roles for them: see `HTTPGateway`. Has no
  /// gRPC service of its own.
  static let gateway = SidecarRole { _ in [] }
}
