import CWire
import EventModel

// Requests and responses of service `DeadLetters`.

extension OutriderV1 {
  /// Requests the oldest letters.
  public struct ListDeadLettersRequest: WireDecodable, WireEncodable, Equatable {
    /// Only this one; nil: all.
    public var subscription: Name?
    /// Only this one; nil: all.
    public var domain: Name?
    /// The most letters; nil: the server's default.
    public var limit: Int?

    public init(subscription: Name? = nil, domain: Name? = nil, limit: Int? = nil) {
      self.subscription = subscription
      self.domain = domain
      self.limit = limit
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__ListDeadLettersRequest.self, wireBytes) {
        message throws(WireError) in
        Self(
          subscription: optionalName(message.pointee.subscription),
          domain: try optionalDomain(message.pointee.domain),
          limit: message.pointee.limit == 0 ? nil : Int(message.pointee.limit))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__ListDeadLettersRequest.self) { builder, request in
        request.subscription = builder.string(subscription ?? "")
        request.domain = builder.string(domain ?? "")
        request.limit = UInt32(clamping: limit ?? 0)
      }
    }
  }

  /// The oldest letters, without headers and bodies.
  public struct ListDeadLettersResponse: WireDecodable, WireEncodable, Equatable {
    public var letters: [DeadLetter]
    /// True if there are more.
    public var hasMore: Bool

    public init(letters: [DeadLetter], hasMore: Bool = false) {
      self.letters = letters
      self.hasMore = hasMore
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__ListDeadLettersResponse.self, wireBytes) {
        message throws(WireError) in
        var response = Self(letters: [], hasMore: message.pointee.has_more != 0)
        for letter in elements(message.pointee.letters, message.pointee.n_letters) {
          response.letters.append(
            try at("letters[\(response.letters.count)]") { () throws(WireError) in
              try DeadLetter(letter)
            })
        }
        return response
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__ListDeadLettersResponse.self) { builder, response in
        var made: [UnsafeMutablePointer<Outrider__V1__DeadLetter>] = []
        for letter in letters { made.append(letter.made(by: builder)) }
        response.n_letters = made.count
        response.letters = builder.array(made)
        response.has_more = hasMore ? 1 : 0
      }
    }
  }

  /// Names a letter.
  public struct GetDeadLetterRequest: WireDecodable, WireEncodable, Equatable {
    public var id: String
    /// Nil: any.
    public var subscription: Name?
    /// Nil: any.
    public var domain: Name?

    public init(id: String, subscription: Name? = nil, domain: Name? = nil) {
      self.id = id
      self.subscription = subscription
      self.domain = domain
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__GetDeadLetterRequest.self, wireBytes) {
        message throws(WireError) in
        Self(
          id: try name("id", message.pointee.id).text,
          subscription: optionalName(message.pointee.subscription),
          domain: try optionalDomain(message.pointee.domain))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__GetDeadLetterRequest.self) { builder, request in
        request.id = builder.string(id)
        request.subscription = builder.string(subscription ?? "")
        request.domain = builder.string(domain ?? "")
      }
    }
  }

  /// Names letters to retry or to drop.
  public struct SettleDeadLettersRequest: WireDecodable, WireEncodable, Equatable {
    /// Empty: all letters of `subscription`, which is not nil then.
    public var ids: [String]
    /// Nil: any.
    public var subscription: Name?
    /// Nil: any.
    public var domain: Name?

    public init(ids: [String], subscription: Name? = nil, domain: Name? = nil) {
      self.ids = ids
      self.subscription = subscription
      self.domain = domain
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__SettleDeadLettersRequest.self, wireBytes) {
        message throws(WireError) in
        let request = Self(
          ids: texts(message.pointee.ids, message.pointee.n_ids),
          subscription: optionalName(message.pointee.subscription),
          domain: try optionalDomain(message.pointee.domain))
        let isAll = message.pointee.all != 0
        guard request.ids.count <= FieldLimits.letterCount else {
          throw .invalid("ids", "has more than \(FieldLimits.letterCount)")
        }
        guard isAll == request.ids.isEmpty else {
          throw .invalid("all", "or ids must be set, and not both")
        }
        if isAll, request.subscription == nil { throw .missing("subscription") }
        return request
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__SettleDeadLettersRequest.self) { builder, request in
        request.n_ids = ids.count
        request.ids = builder.strings(ids)
        request.all = ids.isEmpty ? 1 : 0
        request.subscription = builder.string(subscription ?? "")
        request.domain = builder.string(domain ?? "")
      }
    }
  }

  /// The result of a retry or drop.
  public struct SettleDeadLettersResponse: WireDecodable, WireEncodable, Equatable {
    public var count: UInt64
    /// Unknown ids.
    public var missing: [String]

    public init(count: UInt64, missing: [String] = []) {
      self.count = count
      self.missing = missing
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__SettleDeadLettersResponse.self, wireBytes) {
        message throws(WireError) in
        Self(
          count: message.pointee.count,
          missing: texts(message.pointee.missing, message.pointee.n_missing))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__SettleDeadLettersResponse.self) { builder, response in
        response.count = count
        response.n_missing = missing.count
        response.missing = builder.strings(missing)
      }
    }
  }
}

private func optionalName(_ value: UnsafeMutablePointer<CChar>?) -> Name? {
  let name = Name(text(value))
  return name.isEmpty ? nil : name
}

private func optionalDomain(
  _ value: UnsafeMutablePointer<CChar>?
) throws(WireError) -> Name? {
  optionalName(value) == nil ? nil : try domainName(value)
}

/// A repeated field's texts.
private func texts(
  _ array: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?, _ count: Int
) -> [String] {
  UnsafeBufferPointer(start: array, count: count).map { text($0) }
}
