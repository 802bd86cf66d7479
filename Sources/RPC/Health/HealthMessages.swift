/// The two messages of `grpc.health.v1`, by hand: one string, and one small number
/// (protobuf.dev, Encoding). `RPC` lies below the codec, and two fields need none.
enum HealthMessages {
  /// Field 1 of HealthCheckRequest. Throws INVALID_ARGUMENT if that is not what the bytes are.
  static func serviceName(ofRequest request: Message) throws(RPCStatus) -> String {
    var rest = request[...]
    var name = ""
    while !rest.isEmpty {
      let tag = try number(&rest)
      switch tag & 7 {
      case 0: _ = try number(&rest)
      case 1: try skip(8, &rest)
      case 2:
        let count = try number(&rest)
        guard count <= rest.count else { throw malformed }
        if tag >> 3 == 1 { name = String(decoding: rest.prefix(Int(count)), as: UTF8.self) }
        rest = rest.dropFirst(Int(count))
      case 5: try skip(4, &rest)
      default: throw malformed
      }
    }
    return name
  }

  /// HealthCheckResponse with its field 1. Zero is what is not written.
  static func response(_ status: HealthService.Status) -> Message {
    status == .unknown ? [] : [1 << 3, status.rawValue]
  }

  private static let malformed = RPCStatus(
    .invalidArgument, "the bytes are no HealthCheckRequest")

  private static func number(_ rest: inout ArraySlice<UInt8>) throws(RPCStatus) -> UInt64 {
    var number: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      guard let byte = rest.popFirst() else { throw malformed }
      number |= UInt64(byte & 0x7f) << shift
      if byte < 0x80 { return number }
    }
    throw malformed
  }

  private static func skip(_ count: Int, _ rest: inout ArraySlice<UInt8>) throws(RPCStatus) {
    guard count <= rest.count else { throw malformed }
    rest = rest.dropFirst(count)
  }
}
