internal import EventModel
public import OutriderClient

internal import enum Wire.Evented

/// Given events, then a projection: tests a projector without a server.
///
/// Events are applied one by one, and all at once: the projection must be the same.
public func projector<Projector: OutriderClient.Projector>(
  _ type: Projector.Type
) -> ProjectorScenario<Projector> {
  ProjectorScenario()
}

public struct ProjectorScenario<Projector: OutriderClient.Projector> {
  private var events: [(event: any Payload, entity: String)] = []

  fileprivate init() {}

  public func given(_ events: any Payload...) -> Self {
    var scenario = self
    scenario.events += events.map { ($0, "") }
    return scenario
  }

  /// Throws `ScenarioFailure` if the projection differs.
  @discardableResult
  public func then(
    _ projection: Projector, file: StaticString = #fileID, line: UInt = #line
  ) throws -> Self {
    let pages = try pages(of: events)
    guard !pages.isEmpty else {
      throw ScenarioFailure("a projector is asked about events: none are given", file, line)
    }
    try expect([projected(pages, nil)], toBe: [projection], file, line)
    let stepwise = try pages.split(bySize: 1).reduce(AnyPayload?.none) { try projected($1, $0) }
    try expect(
      [stepwise].compactMap(\.self), toBe: [projection], how: " event by event", file, line)
    return self
  }

  private func projected(_ pages: PageBlock, _ previous: AnyPayload?) throws -> AnyPayload {
    let cover = Cover(domain: "domain", root: scenarioRoot)
    let request = Evented.ProjectorRequest(
      book: EventBook(cover: cover, pages: pages),
      previous: previous.map {
        Projection(projector: "projector", cover: cover, sequence: pages.first, value: $0.any)
      })
    let answer = try Evented.ProjectorAnswer(wireBytes: Projector.project(request.wireBytes))
    guard let value = answer.value else { preconditionFailure("a projector answers its value") }
    return try AnyPayload(any: value)
  }
}
