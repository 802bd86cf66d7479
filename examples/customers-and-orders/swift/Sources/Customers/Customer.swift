import OutriderClient

typealias Customer = Shop_Customer

extension Shop_Customer: Aggregate {
  static let snapshotInterval: Int? = 100

  static let behavior = Behavior()
    .process(Shop_CreateCustomer.self) { customer, command in
      if customer.exists { throw Refused(.alreadyExists, "the customer exists already") }
      if command.name.isEmpty { throw Refused(.invalidArgument, "a customer has a name") }
      return [
        Shop_CustomerCreated.with {
          $0.name = command.name
          $0.email = command.email
          $0.creditLimitCents = command.creditLimitCents
        }
      ]
    }
    .process(Shop_ReserveCredit.self) { customer, command in
      if !customer.exists { return [Shop_CustomerUnknown.with { $0.order = command.order }] }
      if command.cents > customer.availableCents {
        return [Shop_CreditLimitExceeded.with { $0.order = command.order }]
      }
      return [
        Shop_CreditReserved.with {
          $0.order = command.order
          $0.cents = command.cents
        }
      ]
    }
    .apply(Shop_CustomerCreated.self) { customer, event in
      customer.name = event.name
      customer.email = event.email
      customer.creditLimitCents = event.creditLimitCents
    }
    .apply(Shop_CreditReserved.self) { customer, event in customer.reservedCents += event.cents }
    .apply(Shop_CreditLimitExceeded.self) { _, _ in }  // the credit stays as it is
    .apply(Shop_CustomerUnknown.self) { _, _ in }

  var exists: Bool { !name.isEmpty }
  var availableCents: Int64 { creditLimitCents - reservedCents }
}
