import EventModel
import EventSourcing
import Files
import Logging
import SidecarConfiguration
import Sidecars
import Timing

/// The schemas in the settings. Each is registered before anything of its domain is stored.
struct DomainSchemas: Sendable {
  private struct Entry: Sendable {
    let domain: Name
    let file: String
    let schema: DomainSchema
    let compatibility: SchemaCompatibility
  }

  private let entries: [Entry]
  private let storage: any Storage
  private let logger: Logger
  /// Pause between attempts while the store is away.
  private let interval = Duration.seconds(1)

  /// Reads the files of these domains. Throws `SidecarError` if one cannot be read, or is not a
  /// schema.
  init(
    of domains: [DomainConfiguration], in storage: any Storage, _ logger: Logger
  ) throws(SidecarError) {
    var entries: [Entry] = []
    for domain in domains {
      guard let name = domain.name, let file = domain.schema.file else { continue }
      do {
        let schema = try DomainSchema(readSmallFile(file))
        _ = try schema.types()
        entries.append(
          Entry(
            domain: name, file: file, schema: schema, compatibility: domain.schema.compatibility))
      } catch { throw SidecarError(file: "schema.file: \(file)", error) }
    }
    (self.entries, self.storage, self.logger) = (entries, storage, logger)
  }

  /// The descriptor sets among the schemas, for reflection.
  var descriptorSets: [Bytes] {
    entries.map(\.schema).filter { $0.kind == .protobuf }.map(\.bytes)
  }

  /// Registers a domain's schema, and returns its check of payloads; nil if it has no schema.
  func rule(of domain: Name) async throws -> (any PayloadRule)? {
    guard try await register(domain) else { return nil }
    return try await SchemaRule(of: domain, by: try await registry(of: domain))
  }

  /// Registers the domain's schema from the settings; false if they have none.
  @discardableResult func register(_ domain: Name) async throws -> Bool {
    guard let entry = entries.first(where: { $0.domain == domain }) else { return false }
    do { try await register(entry) } catch let error as SidecarError {
      throw EventSourcingError(.precondition, error.description)
    }
    return true
  }

  /// Registers all schemas. Retries until the store answers or the task is cancelled. Throws
  /// `SidecarError` if one is incompatible with the version before.
  func registerAll() async throws {
    for entry in entries {
      while !Task.isCancelled {
        do {
          try await register(entry)
          break
        } catch let error as EventSourcingError where error.code == .unavailable {
          logger.error(
            "a schema cannot be registered yet; commands are refused until it is",
            metadata: ["domain": "\(entry.domain)", "error": "\(error.message)"])
          try? await Environment.live.sleep(interval)
        } catch let error as EventSourcingError {
          throw SidecarError("the schema of \(entry.domain) cannot be registered: \(error.message)")
        }
      }
    }
  }

  private func register(_ entry: Entry) async throws {
    switch try await registry(of: entry.domain).register(entry.schema, entry.compatibility) {
    case .known: break
    case .registered(let number):
      logger.info(
        "a schema was registered",
        metadata: ["domain": "\(entry.domain)", "version": "\(number)"])
    case .incompatible(let number, let reasons):
      throw SidecarError(
        """
        schema.file: \(entry.file) does not go together with version \(number) of the schema of \
        \(entry.domain) (schema.compatibility is \(entry.compatibility.rawValue)):
          \(reasons.joined(separator: "\n  "))
        `outrider schema check \(entry.domain) \(entry.file)` says what that means for the events \
        that are stored. schema.compatibility: none registers it all the same.
        """, .configuration)
    }
  }

  private func registry(of domain: Name) async throws -> SchemaRegistry {
    do {
      return SchemaRegistry(of: domain, in: try await storage.domain(.schemas(of: domain)))
    } catch { throw EventSourcingError(error) }
  }
}
