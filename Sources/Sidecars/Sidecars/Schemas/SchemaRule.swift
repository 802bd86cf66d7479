import EventModel
import EventSourcing
import Synchronization
import Wire

/// Validates a domain's payloads by its schema. On an unknown type it reads newer versions, which
/// another process may have registered; that costs as much as reading an aggregate.
public final class SchemaRule: PayloadRule {
  private let registry: SchemaRegistry
  private let current: Mutex<PayloadCheck>

  public init(of domain: Name, by registry: SchemaRegistry) async throws {
    self.registry = registry
    var check = PayloadCheck(of: domain)
    try check.add(try await registry.versions())
    current = Mutex(check)
  }

  public func flaw(of command: Command) async throws -> String? {
    let book: Evented.CommandBook
    do { book = try Evented.CommandBook(wireBytes: command.encoded) } catch { return "\(error)" }
    for (index, page) in book.pages.enumerated() {
      let payload: Payload
      do { payload = try Payload(wireBytes: page.command) } catch {
        return "pages[\(index)].command: \(error)"
      }
      if let flaw = try await flaw(of: payload) { return "pages[\(index)].command: \(flaw)" }
    }
    return nil
  }

  public func flaw(ofEvent body: Bytes) async throws -> String? {
    let payload: Payload
    do { payload = try Payload(pageBody: body) } catch { return "\(error)" }
    return try await flaw(of: payload)
  }

  private func flaw(of payload: Payload) async throws -> String? {
    let known = current.withLock(\.self)
    switch known.flaw(of: payload) {
    case nil: return nil
    case .mismatch(let message): return message
    case .unknown(let message):
      guard let newer = try await newer(than: known) else { return message }
      return newer.flaw(of: payload)?.message
    }
  }

  /// The check with newer versions; nil if there are none.
  private func newer(
    than known: PayloadCheck
  ) async throws -> PayloadCheck? {
    let versions = try await registry.versions(after: known.count)
    guard !versions.isEmpty else { return nil }
    var newer = known
    try newer.add(versions)
    current.withLock { if $0.count < newer.count { $0 = newer } }
    return newer
  }
}
