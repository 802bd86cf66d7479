import FoundationEssentials
import OutriderClient

/// Who the customers are, and how much credit they have left.
///
///     POST /customers      {"name": s, "email": s, "creditLimit": {"amount": n}}
///                          → {"customerId": s}
///     GET  /customers/ID   → name, email, credit limit and available credit
struct CustomerRoutes: Sendable {
  private struct Creation: Decodable {
    var name: String
    var email: String
    var creditLimit: Money
  }

  private struct Created: Encodable {
    var customerId: String
  }

  private struct Shown: Encodable {
    var customerId: String
    var name: String
    var email: String
    var creditLimit: ShownMoney
    var money: ShownMoney
  }

  let customers: Aggregates<Customer>

  func answer(_ request: WebRequest) async throws -> any Encodable {
    let parts = request.path.split(separator: "/", omittingEmptySubsequences: false)
    switch (parts.count, parts.dropFirst().first) {
    case (2, "customers"):
      try request.require(.POST)
      return try await create(request)
    case (3, "customers"):
      try request.require(.GET)
      return try await read(String(parts[2]))
    default: throw WebFailure(.notFound, "there is nothing at \(request.path)")
    }
  }

  private func create(_ request: WebRequest) async throws -> Created {
    let fields = try request.fields(Creation.self)
    let isEmail = fields.email.wholeMatch(of: /[^@\s]+@[^@\s]+/) != nil
    guard isEmail, fields.email.allSatisfy(\.isASCII) else {
      throw WebFailure(.badRequest, "email must be an address such as ann@example.com")
    }
    let isBlank = fields.name.allSatisfy(\.isWhitespace)
    guard !isBlank, !fields.name.contains(where: \.isNewline) else {
      throw WebFailure(.badRequest, "name must be a text on one line")
    }
    let command = try Shop_CreateCustomer.with {
      $0.name = fields.name
      $0.email = fields.email
      $0.creditLimitCents = try fields.creditLimit.cents
    }
    let key = try request.idempotencyKey ?? UUID()
    let stored = try await customers.create(
      command, root: key, commandID: key.uuidString.lowercased())
    return Created(customerId: stored.root.uuidString.lowercased())
  }

  private func read(_ id: String) async throws -> Shown {
    // What is no UUID was never given to anything.
    guard let root = UUID(uuidString: id), let found = try await customers.find(root),
      found.aggregate.exists
    else { throw WebFailure(.notFound, "there is no customer \(id)") }
    let customer = found.aggregate
    return Shown(
      customerId: root.uuidString.lowercased(), name: customer.name, email: customer.email,
      creditLimit: ShownMoney(cents: customer.creditLimitCents),
      money: ShownMoney(cents: customer.availableCents))
  }
}

/// `{"amount": 12.50}` in a request: exact.
private struct Money: Decodable {
  private static let centsMax = Decimal(1_000_000_000_000_000)

  var amount: Decimal

  var cents: Int64 {
    get throws {
      let cents = amount * 100
      guard cents >= 0, cents <= Self.centsMax, let whole = Int64("\(cents)") else {
        throw WebFailure(.badRequest, #"creditLimit must be {"amount": a number of two decimals}"#)
      }
      return whole
    }
  }
}

/// The same in an answer.
private struct ShownMoney: Encodable {
  var amount: Double

  init(cents: Int64) { amount = Double(cents) / 100 }
}
