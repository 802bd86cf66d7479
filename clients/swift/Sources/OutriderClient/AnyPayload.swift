internal import EventModel
internal import Wire

/// A payload of any type, undecoded.
public struct AnyPayload: Sendable, Equatable {
  /// As `Payload.typeURL`.
  public let typeURL: String
  public let bytes: [UInt8]

  /// Throws the payload's encoding error.
  public init(_ payload: any Payload) throws {
    typeURL = type(of: payload).typeURL
    bytes = try payload.payloadBytes()
  }

  /// The value, if it is of that type; nil for another type. Throws if the bytes do not decode.
  public func `as`<Value: Payload>(_ type: Value.Type) throws -> Value? {
    guard typeName(of: typeURL) == Value.typeName else { return nil }
    do { return try Value(payloadBytes: bytes) } catch {
      throw UnreadablePayload(typeURL: typeURL, reason: "\(error)")
    }
  }
}

extension AnyPayload: CustomStringConvertible {
  /// JSON unchanged; for other types the size.
  public var description: String {
    typeURL.hasPrefix("json/")
      ? "\(typeURL) \(String(decoding: bytes, as: UTF8.self))" : "\(typeURL), \(bytes.count) bytes"
  }
}

extension AnyPayload {
  init(_ payload: Wire.Payload) {
    typeURL = payload.typeURL
    bytes = payload.value
  }

  /// - Parameter any: an `Any` in wire form.
  package init(any: [UInt8]) throws { self.init(try Wire.Payload(wireBytes: any)) }

  /// - Parameter pageBody: as `EventPage.body`.
  package init(pageBody: [UInt8]) throws { self.init(try Wire.Payload(pageBody: pageBody)) }

  /// As an `Any` in wire form.
  package var any: [UInt8] { wire.wireBytes }

  /// As the body of a page; `entity` is empty for the aggregate itself.
  package func pageBody(entity: String = "") -> [UInt8] {
    wire.pageBody(of: entity.isEmpty ? nil : Name(entity))
  }

  private var wire: Wire.Payload { Wire.Payload(typeURL: typeURL, value: bytes) }
}

/// The bytes of a payload do not decode as their type: the type changed incompatibly.
public struct UnreadablePayload: Error, CustomStringConvertible {
  public let typeURL: String
  /// The error of the type's decoder.
  public let reason: String

  public var description: String { "a payload of type \(typeURL) cannot be read: \(reason)" }
}
