import FoundationEssentials
import OutriderClient

let environment = ProcessInfo.processInfo.environment
let connection = try Connection(
  commands: environment["COMMANDS_ADDRESS"] ?? "127.0.0.1:1313",
  queries: environment["QUERIES_ADDRESS"] ?? "127.0.0.1:1314")
let customers = Aggregates(Customer.self, of: "customer", at: connection)
let routes = CustomerRoutes(customers: customers)

try await serve(
  Customer.self,
  beside: [
    workflow(of: customers, at: connection),
    Web(address: environment["CUSTOMERS_ADDRESS"] ?? "127.0.0.1:8081") { request in
      try await routes.answer(request)
    },
  ])
