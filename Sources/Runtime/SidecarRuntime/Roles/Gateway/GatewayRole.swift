extension SidecarRole {
  /// Speaks HTTP/1.1 with those outside, and calls the other roles for them: see `HTTPGateway`.
  /// There is no gRPC service of its own.
  static let gateway = SidecarRole { _ in [] }
}
