import FoundationEssentials
import OutriderClientTesting
import Testing

@testable import customers

/// Customers by themselves: no server runs.
@Suite struct CustomerTests {
  private let order = UUID().root
  private let another = UUID().root
  private let ann = Shop_CustomerCreated.with {
    $0.name = "Ann"
    $0.email = "ann@example.com"
    $0.creditLimitCents = 100
  }

  private var past: AggregateScenario<Customer> {
    aggregate(Customer.self).given(ann, reserved(order, 60))
  }

  private func reserved(_ order: Data, _ cents: Int64) -> Shop_CreditReserved {
    .with { ($0.order, $0.cents) = (order, cents) }
  }

  private func reserve(_ order: Data, _ cents: Int64) -> Shop_ReserveCredit {
    .with { ($0.order, $0.cents) = (order, cents) }
  }

  @Test func creditIsReservedUpToTheLimit() throws {
    try past.when(reserve(another, 40)).then(reserved(another, 40))
  }

  @Test func creditBeyondTheLimitIsNotReserved() throws {
    try past.when(reserve(another, 41))
      .then(Shop_CreditLimitExceeded.with { $0.order = another })
  }

  @Test func nobodyHasNoCredit() throws {
    try aggregate(Customer.self).when(reserve(order, 0))
      .then(Shop_CustomerUnknown.with { $0.order = order })
  }

  @Test func customerIsCreatedOnce() throws {
    try past.when(Shop_CreateCustomer.with { $0.name = "Bob" }).thenRefused(.alreadyExists)
  }
}
