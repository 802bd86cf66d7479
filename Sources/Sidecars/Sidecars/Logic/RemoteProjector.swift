import EventModel
import EventSourcing
import RPC
import Wire

/// A synchronous projector in another process: `evented.ProjectorCoordinator`.
public struct RemoteProjector: SynchronousProcessor {
  private static let handleSync = Method(
    service: "evented.ProjectorCoordinator", name: "HandleSync")

  public let name: Name
  private let channel: any RPCChannel

  public init(name: Name, _ channel: any RPCChannel) {
    self.name = name
    self.channel = channel
  }

  public func process(
    _ book: EventBook, deadline: ContinuousClock.Instant
  ) async throws(ProcessorFailure) -> ProcessorOutcome {
    let request = Evented.CoordinatedProjection(book: book, projector: name).wireBytes
    do {
      let answer = try await channel.unary(
        Self.handleSync, request, CallOptions(servingUntil: deadline))
      return ProcessorOutcome(projections: [try Projection(wireBytes: answer)])
    } catch { throw ProcessorFailure(of: name, error, at: book.cover) }
  }
}
