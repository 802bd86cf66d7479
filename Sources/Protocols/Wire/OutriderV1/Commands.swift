import CWire
import EventModel

// Requests and responses of service `Commands`.

extension OutriderV1 {
  /// Dispatches a command, whose id is optional.
  public struct DispatchRequest: WireDecodable, WireEncodable, Equatable {
    public var dispatched: DispatchedCommand

    public init(_ dispatched: DispatchedCommand) { self.dispatched = dispatched }

    /// The fields and numbers are those of `DispatchedCommand`.
    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__DispatchRequest.self, wireBytes) { view throws(WireError) in
        Self(try DispatchedCommand(view))
      }
    }

    public var wireBytes: Bytes { dispatched.wireBytes }
  }

  /// Confirms that a command is stored.
  public struct DispatchReceipt: WireDecodable, WireEncodable, Equatable {
    public var reference: CommandReference
    /// True if it was dispatched before.
    public var alreadyDispatched: Bool

    public init(_ reference: CommandReference, alreadyDispatched: Bool = false) {
      self.reference = reference
      self.alreadyDispatched = alreadyDispatched
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__DispatchReceipt.self, wireBytes) {
        message throws(WireError) in
        guard let reference = message.pointee.reference else { throw .missing("reference") }
        return Self(
          try at("reference") { () throws(WireError) in try CommandReference(reference.pointee) },
          alreadyDispatched: message.pointee.already_dispatched != 0)
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__DispatchReceipt.self) { builder, receipt in
        receipt.reference = builder.reference(reference)
        receipt.already_dispatched = alreadyDispatched ? 1 : 0
      }
    }
  }

  /// The status of a dispatched command.
  public struct CommandStatus: WireDecodable, WireEncodable, Equatable {
    public var dispatchedAt: Timestamp
    /// Nil: at once.
    public var notBefore: Timestamp?
    /// Nil: never.
    public var expiresAt: Timestamp?
    /// Its command has an id. Has no end until the command has ended.
    public var outcome: CommandOutcome

    public init(
      _ outcome: CommandOutcome, dispatchedAt: Timestamp, notBefore: Timestamp? = nil,
      expiresAt: Timestamp? = nil
    ) {
      self.outcome = outcome
      self.dispatchedAt = dispatchedAt
      self.notBefore = notBefore
      self.expiresAt = expiresAt
    }

    public var reference: CommandReference {
      CommandReference(cover: outcome.command.cover, commandID: outcome.command.id ?? "")
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__CommandStatus.self, wireBytes) { view throws(WireError) in
        try Self(view)
      }
    }

    /// - Parameter view: a status that was checked.
    fileprivate init(_ view: View) throws(WireError) {
      var outcome: CommandOutcome?
      var times: [UInt32: Timestamp] = [:]
      var reader = FieldReader(view)
      while let field = try reader.next() {
        let content = view.part(field.content)
        switch field.number {
        case 2, 3, 4:
          times[field.number] = try at(Self.timeFields[Int(field.number) - 2]) {
            () throws(WireError) in try Timestamp(content)
          }
        case 5:
          outcome = try at("outcome") { () throws(WireError) in try CommandOutcome(content) }
        default: break
        }
      }
      guard let outcome else { throw .missing("outcome") }
      guard outcome.command.id != nil else { throw .missing("outcome.command.command_id") }
      guard let dispatchedAt = times[2] else { throw .missing("dispatched_at") }
      self.init(outcome, dispatchedAt: dispatchedAt, notBefore: times[3], expiresAt: times[4])
    }

    private static let timeFields = ["dispatched_at", "not_before", "expires_at"]

    public var wireBytes: Bytes {
      var writer = FieldWriter(reserving: outcome.command.encoded.count + 160)
      writer.field(1, reference.wireBytes)
      writer.message(2, dispatchedAt)
      if let notBefore { writer.message(3, notBefore) }
      if let expiresAt { writer.message(4, expiresAt) }
      writer.field(5, outcome.wireBytes)
      return writer.bytes
    }
  }

  /// Requests a page of a domain's pending commands.
  public struct ListCommandsRequest: WireDecodable, WireEncodable, Equatable {
    public var domain: Name
    public var page: Page

    public init(domain: Name, page: Page = Page()) {
      self.domain = domain
      self.page = page
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__ListCommandsRequest.self, wireBytes) {
        message throws(WireError) in
        Self(
          domain: try domainName(message.pointee.domain),
          page: Page(
            wireSize: message.pointee.page_size, token: bytes(message.pointee.page_token)))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__ListCommandsRequest.self) { builder, request in
        request.domain = builder.string(domain)
        request.page_size = page.wireSize
        request.page_token = builder.data(page.token)
      }
    }
  }

  /// A page of a domain's pending commands.
  public struct ListCommandsResponse: WireDecodable, WireEncodable, Equatable {
    public var commands: [CommandStatus]
    /// The next page's token; empty on the last page.
    public var nextPage: Bytes

    public init(commands: [CommandStatus], nextPage: Bytes = []) {
      self.commands = commands
      self.nextPage = nextPage
    }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try walk(Outrider__V1__ListCommandsResponse.self, wireBytes) {
        view throws(WireError) in
        var response = Self(commands: [])
        var reader = FieldReader(view)
        while let field = try reader.next() {
          let content = view.part(field.content)
          switch field.number {
          case 1:
            response.commands.append(
              try at("commands[\(response.commands.count)]") { () throws(WireError) in
                try CommandStatus(content)
              })
          case 2: response.nextPage = Bytes(content)
          default: break
          }
        }
        return response
      }
    }

    public var wireBytes: Bytes {
      var writer = FieldWriter()
      for command in commands { writer.field(1, command.wireBytes) }
      writer.data(2, nextPage)
      return writer.bytes
    }
  }

  /// Requests the ends of a domain's commands as they occur.
  public struct WatchCommandsRequest: WireDecodable, WireEncodable, Equatable {
    public var domain: Name

    public init(domain: Name) { self.domain = domain }

    public init(wireBytes: Bytes) throws(WireError) {
      self = try unpack(Outrider__V1__WatchCommandsRequest.self, wireBytes) {
        message throws(WireError) in
        Self(domain: try domainName(message.pointee.domain))
      }
    }

    public var wireBytes: Bytes {
      pack(Outrider__V1__WatchCommandsRequest.self) { builder, request in
        request.domain = builder.string(domain)
      }
    }
  }
}

extension CommandReference: WireDecodable, WireEncodable {
  public init(wireBytes: Bytes) throws(WireError) {
    self = try unpack(Outrider__V1__CommandReference.self, wireBytes) {
      message throws(WireError) in try Self(message.pointee)
    }
  }

  fileprivate init(_ reference: Outrider__V1__CommandReference) throws(WireError) {
    guard let cover = try Cover(ifGiven: reference.cover) else { throw .missing("cover") }
    let id = text(reference.command_id)
    guard !id.isEmpty else { throw .missing("command_id") }
    try checkLength("command_id", id, FieldLimits.commandIDByteCount)
    self.init(cover: cover, commandID: id)
  }

  public var wireBytes: Bytes {
    pack(Outrider__V1__CommandReference.self) { builder, message in
      message.cover = builder.cover(cover)
      message.command_id = builder.string(commandID)
    }
  }
}

extension MessageBuilder {
  fileprivate func reference(
    _ reference: CommandReference
  ) -> UnsafeMutablePointer<Outrider__V1__CommandReference> {
    let message = make(Outrider__V1__CommandReference.self)
    message.pointee.cover = cover(reference.cover)
    message.pointee.command_id = string(reference.commandID)
    return message
  }
}
