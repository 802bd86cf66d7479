import EventModel
import EventSourcing
import RPC
import Wire

extension Service {
  /// `outrider.v1.DeadLetters`: manages messages that projectors set aside (port 1315).
  ///
  /// - Parameter source: the projectors' source of events if it is not a channel: then every call
  ///   is refused.
  public static func deadLetters(
    _ domains: ServedDomains<ProjectingDomain>, source: String?
  ) -> Service {
    deadLetters { domain in
      if let source {
        throw EventSourcingError(
          .precondition,
          "the projector's source is \(source), which has no dead letters; only rabbitmq and "
            + "kafka have. Events that the logic refuses are parked: see outrider parked list")
      }
      var offices: [DeadLetterOffice] = []
      for name in domain.map({ [$0] }) ?? domains.opened {
        if let office = try await domains.serving(name).deadLetters { offices.append(office) }
      }
      return offices
    }
  }

  /// `outrider.v1.DeadLetters`: manages messages that were not commands (port 1313).
  ///
  /// - Parameter domains: the domains with commands from the channel.
  public static func deadLetters(
    ofCommandsFor domains: [Name], on channel: any CommandChannel
  ) -> Service {
    deadLetters { domain in
      if let domain {
        try DomainScope.require(domain)
        guard domains.contains(domain) else { throw RPCStatus.notServed(domain, butOnly: domains) }
      }
      return (domain.map { [$0] } ?? domains.filter(DomainScope.current.contains)).map {
        DeadLetterOffice(ofCommandsFor: $0, on: channel)
      }
    }
  }

  private static func deadLetters(_ offices: @escaping LetterHall.Offices) -> Service {
    let hall = LetterHall(offices: offices)
    return Service(
      "outrider.v1.DeadLetters",
      [
        "List": .unary { request, _ in
          try await answering {
            try await hall.list(OutriderV1.ListDeadLettersRequest(wireBytes: request)).wireBytes
          }
        },
        "Get": .unary { request, _ in
          try await answering {
            try await hall.get(OutriderV1.GetDeadLetterRequest(wireBytes: request)).wireBytes
          }
        },
        "Retry": .unary { request, _ in
          try await answering {
            try await hall.settle(
              OutriderV1.SettleDeadLettersRequest(wireBytes: request), by: .retry
            ).wireBytes
          }
        },
        "Drop": .unary { request, _ in
          try await answering {
            try await hall.settle(
              OutriderV1.SettleDeadLettersRequest(wireBytes: request), by: .drop
            ).wireBytes
          }
        },
      ])
  }
}

/// Dead letters of all domains.
private struct LetterHall: Sendable {
  private static let countMax = 1000
  private static let bytesMax = 16 << 20
  private static let reasonMax = 500

  /// The offices of one domain, or of all that the call may access.
  typealias Offices = @Sendable (Name?) async throws -> [DeadLetterOffice]

  let offices: Offices

  func list(
    _ request: OutriderV1.ListDeadLettersRequest
  ) async throws -> OutriderV1.ListDeadLettersResponse {
    var limit = ReadLimit(
      count: min(request.limit ?? Self.countMax, Self.countMax), bytes: Self.bytesMax)
    var response = OutriderV1.ListDeadLettersResponse(letters: [])
    for office in try await offices(request.domain) {
      let (letters, hasMore) = try await office.list(request.subscription, limit: limit)
      response.letters += letters.map { filed in
        var letter = OutriderV1.DeadLetter(filed, in: office.domain)
        (letter.headers, letter.body) = ([], [])
        letter.reason = String(letter.reason.prefix(Self.reasonMax))
        return letter
      }
      limit = limit.without(letters.map(\.letter))
      response.hasMore = hasMore
      if hasMore { break }
    }
    return response
  }

  func get(_ request: OutriderV1.GetDeadLetterRequest) async throws -> OutriderV1.DeadLetter {
    for office in try await offices(request.domain) {
      if let filed = try await office.letter(request.id, of: request.subscription) {
        return OutriderV1.DeadLetter(filed, in: office.domain)
      }
    }
    throw EventSourcingError(.notFound, "there is no dead letter \(request.id)")
  }

  func settle(
    _ request: OutriderV1.SettleDeadLettersRequest, by action: LetterAction
  ) async throws -> OutriderV1.SettleDeadLettersResponse {
    var settled = SettledLetters()
    let ids = Set(request.ids)
    for office in try await offices(request.domain) {
      let rest = ids.subtracting(settled.ids)
      if rest.isEmpty, !ids.isEmpty { break }
      settled += try await office.settle(
        ids.isEmpty ? .all : .ids(rest), by: action, of: request.subscription)
    }
    return OutriderV1.SettleDeadLettersResponse(
      count: UInt64(settled.count), missing: request.ids.filter { !settled.ids.contains($0) })
  }
}

extension OutriderV1.DeadLetter {
  fileprivate init(_ filed: DeadLetterOffice.Filed, in domain: Name) {
    let letter = filed.letter
    self.init(
      id: letter.id, subscription: filed.subscription, domain: domain,
      partition: filed.partition, reason: letter.reason, setAsideAt: letter.setAsideAt,
      bodySize: UInt64(letter.body.count),
      headers: letter.headers.map { Header(name: $0.name, value: $0.value) }, body: letter.body)
  }
}
