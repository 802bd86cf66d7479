import CWire
import EventModel

extension OutriderV1 {
  /// A registered schema in its stored form.
  public struct SchemaRegistered: WireDecodable, WireEncodable, Equatable {
    public var kind: SchemaKind
    /// The original bytes.
    public var schema: Bytes
    public var compatibility: SchemaCompatibility

    public init(kind: SchemaKind, schema: Bytes, compatibility: SchemaCompatibility) {
      self.kind = kind
      self.schema = schema
      self.compatibility = compatibility
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__SchemaRegistered.self, wireBytes) {
        message throws(WireError) in try Self(message.pointee)
      }
    }

    init(_ message: Outrider__V1__SchemaRegistered) throws(WireError) {
      let kind: SchemaKind =
        switch message.kind {
        case OUTRIDER__V1__SCHEMA_KIND__SCHEMA_KIND_AVRO: .avro
        case OUTRIDER__V1__SCHEMA_KIND__SCHEMA_KIND_PROTOBUF: .protobuf
        default: throw .missing("kind")
        }
      self.init(
        kind: kind, schema: bytes(message.schema),
        compatibility: try SchemaCompatibility(wire: message.compatibility) ?? .backward)
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__SchemaRegistered.self) { builder, message in
        fill(&message, by: builder)
      }
    }

    func fill(_ message: inout Outrider__V1__SchemaRegistered, by builder: borrowing MessageBuilder)
    {
      message.kind =
        switch kind {
        case .avro: OUTRIDER__V1__SCHEMA_KIND__SCHEMA_KIND_AVRO
        case .protobuf: OUTRIDER__V1__SCHEMA_KIND__SCHEMA_KIND_PROTOBUF
        }
      message.schema = builder.data(schema)
      message.compatibility = compatibility.wire
    }
  }

  /// One version of a domain's schema.
  public struct SchemaVersion: WireDecodable, WireEncodable, Equatable {
    /// A command or event type.
    public struct PayloadType: Sendable, Equatable {
      /// Its full name.
      public var name: String
      /// In Avro, 16 hexadecimal digits; else empty.
      public var fingerprint: String

      public init(name: String, fingerprint: String = "") {
        self.name = name
        self.fingerprint = fingerprint
      }
    }

    /// Counts from 1.
    public var number: Int
    public var registeredAt: Timestamp
    /// Lacks the schema's bytes in a history.
    public var registered: SchemaRegistered
    public var types: [PayloadType]

    public init(
      number: Int, registeredAt: Timestamp, registered: SchemaRegistered, types: [PayloadType]
    ) {
      self.number = number
      self.registeredAt = registeredAt
      self.registered = registered
      self.types = types
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__SchemaVersion.self, wireBytes) { message throws(WireError) in
        try Self(message.pointee)
      }
    }

    init(_ message: Outrider__V1__SchemaVersion) throws(WireError) {
      guard let registered = message.registered else { throw .missing("registered") }
      self.init(
        number: Int(message.number),
        registeredAt: try Timestamp(required: "registered_at", message.registered_at),
        registered: try at("registered") { () throws(WireError) in
          try SchemaRegistered(registered.pointee)
        },
        types: elements(message.types, message.n_types).map {
          PayloadType(name: text($0.name), fingerprint: text($0.fingerprint))
        })
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__SchemaVersion.self) { builder, message in fill(&message, by: builder) }
    }

    func made(by builder: borrowing MessageBuilder) -> UnsafeMutablePointer<
      Outrider__V1__SchemaVersion
    > {
      let message = builder.make(Outrider__V1__SchemaVersion.self)
      fill(&message.pointee, by: builder)
      return message
    }

    private func fill(
      _ message: inout Outrider__V1__SchemaVersion, by builder: borrowing MessageBuilder
    ) {
      message.number = UInt32(clamping: number)
      message.registered_at = builder.time(registeredAt)
      let inner = builder.make(Outrider__V1__SchemaRegistered.self)
      registered.fill(&inner.pointee, by: builder)
      message.registered = inner
      var made: [UnsafeMutablePointer<Outrider__V1__SchemaType>] = []
      for type in types {
        let message = builder.make(Outrider__V1__SchemaType.self)
        message.pointee.name = builder.string(type.name)
        message.pointee.fingerprint = builder.string(type.fingerprint)
        made.append(message)
      }
      message.n_types = made.count
      message.types = builder.array(made)
    }
  }
}

extension SchemaCompatibility {
  /// Nil: not set.
  init?(wire value: Outrider__V1__SchemaCompatibility) throws(WireError) {
    switch value {
    case OUTRIDER__V1__SCHEMA_COMPATIBILITY__SCHEMA_COMPATIBILITY_UNSPECIFIED: return nil
    case OUTRIDER__V1__SCHEMA_COMPATIBILITY__SCHEMA_COMPATIBILITY_BACKWARD: self = .backward
    case OUTRIDER__V1__SCHEMA_COMPATIBILITY__SCHEMA_COMPATIBILITY_FORWARD: self = .forward
    case OUTRIDER__V1__SCHEMA_COMPATIBILITY__SCHEMA_COMPATIBILITY_FULL: self = .full
    case OUTRIDER__V1__SCHEMA_COMPATIBILITY__SCHEMA_COMPATIBILITY_NONE: self = .none
    default: throw .invalid("compatibility", "is none that is known here")
    }
  }

  var wire: Outrider__V1__SchemaCompatibility {
    switch self {
    case .backward: OUTRIDER__V1__SCHEMA_COMPATIBILITY__SCHEMA_COMPATIBILITY_BACKWARD
    case .forward: OUTRIDER__V1__SCHEMA_COMPATIBILITY__SCHEMA_COMPATIBILITY_FORWARD
    case .full: OUTRIDER__V1__SCHEMA_COMPATIBILITY__SCHEMA_COMPATIBILITY_FULL
    case .none: OUTRIDER__V1__SCHEMA_COMPATIBILITY__SCHEMA_COMPATIBILITY_NONE
    }
  }
}
