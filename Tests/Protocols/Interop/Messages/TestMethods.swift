import RPC

/// The methods of `grpc.testing.TestService`.
public enum TestMethods {
  public static let service = "grpc.testing.TestService"

  public static let emptyCall = method("EmptyCall")
  public static let unaryCall = method("UnaryCall")
  public static let streamingInputCall = method("StreamingInputCall")
  public static let streamingOutputCall = method("StreamingOutputCall")
  public static let fullDuplexCall = method("FullDuplexCall")
  public static let halfDuplexCall = method("HalfDuplexCall")
  /// No server has it.
  public static let unimplementedCall = method("UnimplementedCall")
  /// No server has its service.
  public static let unimplementedService = Method(
    service: "grpc.testing.UnimplementedService", name: "UnimplementedCall")

  private static func method(_ name: String) -> Method { Method(service: service, name: name) }
}

/// Metadata that the server sends back: the first ahead of its answer, the second beside the
/// status.
public enum EchoedMetadata {
  public static let initial = "x-grpc-test-echo-initial"
  public static let trailing = "x-grpc-test-echo-trailing-bin"
}
