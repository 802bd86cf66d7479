import FoundationEssentials
import OutriderClient

/// Reserves credit for each order that is created: once, however often the event comes.
func workflow(of customers: Aggregates<Customer>, at connection: Connection) -> Subscriber {
  Subscriber("customer-workflow", to: ["order"], at: connection)
    .on(Shop_OrderCreated.self) { created, event in
      guard let customer = UUID(root: created.customer) else {
        throw Refused(.invalidArgument, "order \(event.root) names no customer")
      }
      let command = Shop_ReserveCredit.with {
        $0.order = event.root.root
        $0.cents = created.totalCents
      }
      try await customers.update(customer, command, trigger: event)
    }
}

extension UUID {
  /// Of 16 bytes; nil for any other number of them.
  init?(root: Data) {
    guard root.count == 16 else { return nil }
    self.init(uuid: root.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) })
  }

  var root: Data { withUnsafeBytes(of: uuid) { Data($0) } }
}
