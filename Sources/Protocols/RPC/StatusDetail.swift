import ProtobufFields

/// A machine-readable detail of a failure, beside its code: one message of any type.
///
/// Sent in the trailer `grpc-status-details-bin`, as a `google.rpc.Status` (googleapis,
/// `google/rpc/status.proto`), which gRPC clients in every language read.
public struct StatusDetail: Sendable, Equatable {
  /// For example "type.googleapis.com/google.rpc.ErrorInfo".
  public let typeURL: String
  /// The message's bytes.
  public let value: Message

  public init(typeURL: String, value: Message) {
    self.typeURL = typeURL
    self.value = value
  }
}

extension StatusDetail {
  private static func google(_ name: String, _ fields: FieldWriter) -> StatusDetail {
    StatusDetail(typeURL: "type.googleapis.com/google.rpc.\(name)", value: fields.bytes)
  }

  /// The cause as a constant for programs (`google.rpc.ErrorInfo`).
  public static func errorInfo(
    reason: String, domain: String, metadata: KeyValuePairs<String, String> = [:]
  ) -> StatusDetail {
    var info = FieldWriter()
    info.text(1, reason)
    info.text(2, domain)
    for (key, value) in metadata {
      var entry = FieldWriter()
      entry.text(1, key)
      entry.text(2, value)
      info.field(3, entry.bytes)
    }
    return google("ErrorInfo", info)
  }

  /// The wrong fields of the request, and why (`google.rpc.BadRequest`).
  public static func badRequest(_ violations: KeyValuePairs<String, String>) -> StatusDetail {
    var request = FieldWriter()
    for (field, description) in violations {
      var violation = FieldWriter()
      violation.text(1, field)
      violation.text(2, description)
      request.field(1, violation.bytes)
    }
    return google("BadRequest", request)
  }

  /// When to retry (`google.rpc.RetryInfo`).
  public static func retryInfo(after delay: Duration) -> StatusDetail {
    var duration = FieldWriter()
    duration.number(1, UInt64(clamping: delay.components.seconds))
    duration.number(2, UInt64(clamping: delay.components.attoseconds / 1_000_000_000))
    var info = FieldWriter()
    info.field(1, duration.bytes)
    return google("RetryInfo", info)
  }
}

extension RPCStatus {
  private static let detailsName: StaticString = "grpc-status-details-bin"

  /// The same status with details. They include its current code and message; a long message is
  /// cut.
  public func with(_ details: [StatusDetail]) -> RPCStatus {
    var status = FieldWriter()
    status.number(1, UInt64(code.rawValue))
    status.text(2, message.cut(to: RPCLimits.detailedMessageBytesMax))
    for detail in details {
      var any = FieldWriter()
      any.text(1, detail.typeURL)
      any.data(2, detail.value)
      status.field(3, any.bytes)
    }
    var detailed = self
    let name = UnsafeBufferPointer(
      start: Self.detailsName.utf8Start, count: Self.detailsName.utf8CodeUnitCount)
    status.bytes.withUnsafeBufferPointer {
      detailed.metadata.appendUnchecked(name: name, value: $0)
    }
    return detailed
  }

  /// The status's details; empty if there are none or if they are malformed.
  public var details: [StatusDetail] {
    guard let bytes = metadata.bytes("\(Self.detailsName)") else { return [] }
    return bytes.withUnsafeBufferPointer { view in
      var details: [StatusDetail] = []
      var reader = FieldReader<NoMessage>(view)
      while true {
        do {
          guard let field = try reader.next() else { return details }
          if field.number == 3, field.type == .lengthDelimited {
            details.append(try StatusDetail(any: view.part(field.content)))
          }
        } catch {
          return []
        }
      }
    }
  }
}

extension StatusDetail {
  /// - Parameter view: a `google.protobuf.Any`.
  fileprivate init(any view: View) throws(NoMessage) {
    var (typeURL, value) = ("", Message())
    var reader = FieldReader<NoMessage>(view)
    while let field = try reader.next() {
      switch (field.number, field.type) {
      case (1, .lengthDelimited):
        typeURL = String(decoding: view.part(field.content), as: UTF8.self)
      case (2, .lengthDelimited): value = Message(view.part(field.content))
      default: break
      }
    }
    self.init(typeURL: typeURL, value: value)
  }
}
