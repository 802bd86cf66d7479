/// What a program may want to know of a failure, beside its code: one message of any type.
///
/// Details travel in the trailer `grpc-status-details-bin`, as a `google.rpc.Status` (googleapis,
/// `google/rpc/status.proto`), which clients of gRPC in every language read.
public struct StatusDetail: Sendable, Equatable {
  /// "type.googleapis.com/google.rpc.ErrorInfo", say.
  public let typeURL: String
  /// The message's bytes.
  public let value: Message

  public init(typeURL: String, value: Message) {
    self.typeURL = typeURL
    self.value = value
  }
}

extension StatusDetail {
  private static func google(_ name: String, _ fields: ProtobufFields) -> StatusDetail {
    StatusDetail(typeURL: "type.googleapis.com/google.rpc.\(name)", value: fields.bytes)
  }

  /// Why, as a constant that programs compare (`google.rpc.ErrorInfo`).
  public static func errorInfo(
    reason: String, domain: String, metadata: KeyValuePairs<String, String> = [:]
  ) -> StatusDetail {
    var info = ProtobufFields()
    info.append(1, reason)
    info.append(2, domain)
    for (key, value) in metadata {
      var entry = ProtobufFields()
      entry.append(1, key)
      entry.append(2, value)
      info.append(3, entry.bytes)
    }
    return google("ErrorInfo", info)
  }

  /// Which fields of the request are wrong, and why (`google.rpc.BadRequest`).
  public static func badRequest(_ violations: KeyValuePairs<String, String>) -> StatusDetail {
    var request = ProtobufFields()
    for (field, description) in violations {
      var violation = ProtobufFields()
      violation.append(1, field)
      violation.append(2, description)
      request.append(1, violation.bytes)
    }
    return google("BadRequest", request)
  }

  /// When to try again (`google.rpc.RetryInfo`).
  public static func retryInfo(after delay: Duration) -> StatusDetail {
    var duration = ProtobufFields()
    duration.append(1, UInt64(clamping: delay.components.seconds))
    duration.append(2, UInt64(clamping: delay.components.attoseconds / 1_000_000_000))
    var info = ProtobufFields()
    info.append(1, duration.bytes)
    return google("RetryInfo", info)
  }
}

extension RPCStatus {
  private static let detailsName: StaticString = "grpc-status-details-bin"

  /// The same status with details. Its code and message go into them, too, as they stand now; a
  /// long message is cut.
  public func with(_ details: [StatusDetail]) -> RPCStatus {
    var status = ProtobufFields()
    status.append(1, UInt64(code.rawValue))
    status.append(2, message.cut(to: RPCLimits.detailedMessageBytesMax))
    for detail in details {
      var any = ProtobufFields()
      any.append(1, detail.typeURL)
      any.append(2, detail.value)
      status.append(3, any.bytes)
    }
    var detailed = self
    let name = UnsafeBufferPointer(
      start: Self.detailsName.utf8Start, count: Self.detailsName.utf8CodeUnitCount)
    status.bytes.withUnsafeBufferPointer {
      detailed.metadata.appendUnchecked(name: name, value: $0)
    }
    return detailed
  }

  /// The details that came with the status; none if there are none that can be read.
  public var details: [StatusDetail] {
    guard let bytes = metadata.bytes("\(Self.detailsName)"),
      let status = ProtobufFields.read(bytes)
    else { return [] }
    return status.filter { $0.number == 3 }.compactMap { field in
      guard let any = ProtobufFields.read(field.bytes) else { return nil }
      let typeURL = any.last { $0.number == 1 }?.bytes ?? []
      return StatusDetail(
        typeURL: String(decoding: typeURL, as: UTF8.self),
        value: any.last { $0.number == 2 }?.bytes ?? [])
    }
  }
}
