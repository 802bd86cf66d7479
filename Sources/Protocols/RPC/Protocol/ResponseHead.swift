import Encodings

/// Parses the header blocks of a response field by field, and derives its status.
///
/// gRPC, `doc/PROTOCOL-HTTP2.md`, Responses: headers, then trailers; or one block that is both.
package struct ResponseHead {
  /// Metadata of the first block, once it is complete, unless it is the last one.
  package private(set) var initialMetadata: Metadata?

  /// The encoding of compressed messages.
  package private(set) var encoding = Compression.identity

  private var metadata = Metadata()
  private var httpStatus: Int?
  private var isGRPC = false
  private var code: RPCStatus.Code?
  private var message: [UInt8] = []
  private var problem: RPCStatus?

  package init() {}

  package mutating func add(
    name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>
  ) {
    switch name.count {
    case 7 where name.equals(":status"): httpStatus = number(value)
    case 11 where name.equals("grpc-status"):
      // A code of a later version of gRPC is UNKNOWN (doc/statuscodes.md).
      code = RPCStatus.Code(number: number(value))
    case 12 where name.equals("content-type"): isGRPC = value.isGRPCContentType
    case 12 where name.equals("grpc-message"): message = Array(value)
    case 13 where name.equals("grpc-encoding"):
      if value.equals("gzip") {
        encoding = .gzip
      } else if !value.equals("identity") {
        fail(
          RPCStatus(.internal, "the server compressed its response in a way that is unknown here"))
      }
    case 20 where name.equals("grpc-accept-encoding"): break
    default:
      if name.first == UInt8(ascii: ":") { return }
      do { try metadata.append(wireName: name, wireValue: value) } catch { fail(error) }
    }
  }

  package mutating func exceed(limit: Int) {
    fail(
      RPCStatus(
        .resourceExhausted, "the response's headers are longer than the limit \(limit) bytes"))
  }

  /// Ends a block. True if it was the first one, and messages may follow.
  package mutating func completeBlock() -> Bool {
    if let status = httpStatus, (100..<200).contains(status) {
      // The final response follows an interim one (RFC 9110 section 15.2).
      self = ResponseHead()
      return false
    }
    guard initialMetadata == nil, code == nil else { return false }
    initialMetadata = metadata
    metadata = Metadata()
    return true
  }

  /// Why the rest of the response must be ignored; nil if it is valid so far.
  package var failure: RPCStatus? {
    if let problem { return problem }
    if code != nil { return nil }
    guard let httpStatus else { return nil }
    if httpStatus != 200 { return RPCStatus(httpStatus: httpStatus) }
    return isGRPC
      ? nil : RPCStatus(.unknown, "the server answered with a content type that is not gRPC's")
  }

  /// The call's status with its trailing metadata, once the response has ended.
  package var status: RPCStatus {
    if let failure { return failure }
    guard let code else {
      return RPCStatus(.internal, "the server ended its response without a status")
    }
    return RPCStatus(code, PercentEncoding.decode(message), metadata: metadata)
  }

  private mutating func fail(_ status: RPCStatus) {
    if problem == nil { problem = status }
  }

  private func number(_ digits: UnsafeBufferPointer<UInt8>) -> Int? {
    digits.count <= 4 ? Int(digits: digits) : nil
  }
}
