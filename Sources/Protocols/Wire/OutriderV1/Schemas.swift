import CWire
import EventModel

// Requests and responses of service `Schemas`.

extension OutriderV1 {
  /// Requests one version of a domain's schema.
  public struct GetSchemaRequest: WireDecodable, WireEncodable, Equatable {
    public enum Version: Sendable, Equatable {
      case last
      case number(Int)
      /// The last version with a type of this fingerprint.
      case fingerprint(String)
    }

    public var domain: Name
    public var version: Version

    public init(domain: Name, version: Version = .last) {
      self.domain = domain
      self.version = version
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__GetSchemaRequest.self, wireBytes) {
        message throws(WireError) in
        let fingerprint = text(message.pointee.fingerprint)
        let version: Version =
          switch (message.pointee.number, fingerprint) {
          case (0, ""): .last
          case (0, _): .fingerprint(fingerprint)
          case (let number, ""): .number(Int(number))
          default: throw .invalid("fingerprint", "and number must not both be set")
          }
        return Self(domain: try domainName(message.pointee.domain), version: version)
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__GetSchemaRequest.self) { builder, request in
        request.domain = builder.string(domain)
        switch version {
        case .last: break
        case .number(let number): request.number = UInt32(clamping: number)
        case .fingerprint(let fingerprint): request.fingerprint = builder.string(fingerprint)
        }
      }
    }
  }

  /// Requests all versions of a domain's schema.
  public struct SchemaHistoryRequest: WireDecodable, WireEncodable, Equatable {
    public var domain: Name

    public init(domain: Name) { self.domain = domain }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__SchemaHistoryRequest.self, wireBytes) {
        message throws(WireError) in Self(domain: try domainName(message.pointee.domain))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__SchemaHistoryRequest.self) { builder, request in
        request.domain = builder.string(domain)
      }
    }
  }

  /// All versions, oldest first.
  public struct SchemaHistoryResponse: WireDecodable, WireEncodable, Equatable {
    public var versions: [SchemaVersion]

    public init(versions: [SchemaVersion]) { self.versions = versions }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__SchemaHistoryResponse.self, wireBytes) {
        message throws(WireError) in
        var response = Self(versions: [])
        for version in elements(message.pointee.versions, message.pointee.n_versions) {
          response.versions.append(
            try at("versions[\(response.versions.count)]") { () throws(WireError) in
              try SchemaVersion(version)
            })
        }
        return response
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__SchemaHistoryResponse.self) { builder, response in
        var made: [UnsafeMutablePointer<Outrider__V1__SchemaVersion>] = []
        for version in versions { made.append(version.made(by: builder)) }
        response.n_versions = made.count
        response.versions = builder.array(made)
      }
    }
  }

  /// Requests a check of a new schema against the last version and the log.
  public struct CheckSchemaRequest: WireDecodable, WireEncodable, Equatable {
    public var domain: Name
    public var schema: Bytes
    /// Nil: that of the last version.
    public var compatibility: SchemaCompatibility?

    public init(domain: Name, schema: Bytes, compatibility: SchemaCompatibility? = nil) {
      self.domain = domain
      self.schema = schema
      self.compatibility = compatibility
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__CheckSchemaRequest.self, wireBytes) {
        message throws(WireError) in
        guard message.pointee.schema.len > 0 else { throw .missing("schema") }
        return Self(
          domain: try domainName(message.pointee.domain), schema: bytes(message.pointee.schema),
          compatibility: try SchemaCompatibility(wire: message.pointee.compatibility))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__CheckSchemaRequest.self) { builder, request in
        request.domain = builder.string(domain)
        request.schema = builder.data(schema)
        if let compatibility { request.compatibility = compatibility.wire }
      }
    }
  }
}
