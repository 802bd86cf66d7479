import EventModel
import EventSourcing
import Synchronization
import Timing
import Wire

/// Holds a domain's payloads to its schema. What it does not know may be of a version that another
/// process has registered since: it looks again then, at most once a second.
public final class SchemaRule: PayloadRule {
  private struct State {
    var reader: SchemaReader
    var lookedAt: ContinuousClock.Instant
  }

  private let registry: SchemaRegistry
  private let environment: Environment
  private let interval = Duration.seconds(1)
  private let state: Mutex<State>

  public init(
    of domain: Name, by registry: SchemaRegistry, environment: Environment = .live
  ) async throws {
    self.registry = registry
    self.environment = environment
    var reader = SchemaReader(of: domain)
    try reader.add(try await registry.versions())
    state = Mutex(State(reader: reader, lookedAt: environment.instant()))
  }

  public nonisolated(nonsending) func flaw(of command: Command) async -> String? {
    let book: Evented.CommandBook
    do { book = try Evented.CommandBook(wireBytes: command.encoded) } catch { return "\(error)" }
    for (index, page) in book.pages.enumerated() {
      let payload: Payload
      do { payload = try Payload(wireBytes: page.command) } catch {
        return "pages[\(index)].command: \(error)"
      }
      if let flaw = await flaw(of: payload) { return "pages[\(index)].command: \(flaw)" }
    }
    return nil
  }

  public nonisolated(nonsending) func flaw(ofEvent body: Bytes) async -> String? {
    do { return await flaw(of: try Payload(pageBody: body)) } catch { return "\(error)" }
  }

  private nonisolated(nonsending) func flaw(of payload: Payload) async -> String? {
    let reader = state.withLock(\.reader)
    do throws(SchemaReader.Flaw) {
      try reader.check(payload)
      return nil
    } catch {
      guard case .unknown(let message) = error else { return error.message }
      guard let newer = await newer(than: reader) else { return message }
      do throws(SchemaReader.Flaw) {
        try newer.check(payload)
        return nil
      } catch { return error.message }
    }
  }

  /// Nil where there is no newer version, nobody looks now, or the store is away.
  private nonisolated(nonsending) func newer(than reader: SchemaReader) async -> SchemaReader? {
    let now = environment.instant()
    let (current, mayLook) = state.withLock { state in
      let mayLook = now - state.lookedAt >= interval
      if mayLook { state.lookedAt = now }
      return (state.reader, mayLook)
    }
    if current.count > reader.count { return current }
    guard mayLook, let versions = try? await registry.versions(after: current.count),
      !versions.isEmpty
    else { return nil }
    var newer = current
    guard (try? newer.add(versions)) != nil else { return nil }
    state.withLock { if $0.reader.count < newer.count { $0.reader = newer } }
    return newer
  }
}
