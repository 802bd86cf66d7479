internal import EventModel
public import FoundationEssentials
internal import OutriderClient

/// The default root of the aggregate in a scenario.
public let scenarioRoot = UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1))

/// Encodes events of one aggregate as they are stored.
func pages(
  of events: [(event: any Payload, entity: String)], from first: SequenceNumber = .first
) throws -> PageBlock {
  var pages = PageBlock(emptyAt: first)
  for (event, entity) in events {
    let body = try AnyPayload(event).pageBody(entity: entity)
    pages.append(
      EventPage(sequence: pages.next, createdAt: Timestamp(seconds: 0), body: body))
  }
  return pages
}
