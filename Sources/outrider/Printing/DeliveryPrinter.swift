import EventModel
import JSON
import Payloads
import Wire

/// Prints a subscription's deliveries, one event a line.
struct DeliveryPrinter {
  let events: EventPrinter

  func show(
    _ delivery: OutriderV1.SubscriptionDelivery, to output: inout StandardOutput
  ) async throws {
    switch delivery.content {
    case .commit(let book, _):
      try await events.show(book, position: delivery.position, to: &output)
    case .damage(let message) where events.json:
      let place = delivery.position.members + [.init("domain", .string(delivery.domain.text))]
      try output.line(JSONValue.object(place + [.init("damage", .string(message))]).text)
    case .damage(let message):
      try output.line(
        "\(padded("\(delivery.position)", 6)) \(delivery.domain) (damaged: \(message))")
    }
  }

  /// Reports assigned and revoked lanes on standard error.
  func explain(_ response: OutriderV1.SubscribeResponse) {
    guard !events.json, case .assignment(let lane) = response else { return }
    let place = Position(partition: lane.partition, number: lane.checkpoint)
    complain(
      "\(lane.domain): lane \(lane.lane) \(lane.isHeld ? "is here from" : "went after") \(place)"
        + "\(lane.isHeld ? " on" : "")")
  }
}
