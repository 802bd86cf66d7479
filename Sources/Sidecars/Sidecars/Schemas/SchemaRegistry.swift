import EventModel
import EventSourcing
import Timing
import Wire

/// The versions of one domain's schema. Each is an event of one aggregate in an internal domain,
/// so the log is the registry. Versions are immutable.
public struct SchemaRegistry: Sendable {
  private static let typeURL = "type.googleapis.com/outrider.v1.SchemaRegistered"

  private let domain: Name
  private let store: any EventStore
  private let environment: Environment

  /// - Parameters:
  ///   - domain: the domain of the schema.
  ///   - store: the store of `Name.schemas(of: domain)`.
  public init(of domain: Name, in store: any EventStore, environment: Environment = .live) {
    self.domain = domain
    self.store = store
    self.environment = environment
  }

  /// A registered schema.
  public struct Version: Sendable {
    /// Counts from 1.
    public let number: Int
    public let registeredAt: Timestamp
    public let compatibility: SchemaCompatibility
    public let schema: DomainSchema
  }

  /// The result of a registration.
  public enum Outcome: Sendable {
    case registered(number: Int)
    /// Registered before.
    case known(number: Int)
    /// Incompatible with the last version.
    case incompatible(with: Int, reasons: [String])
  }

  /// The versions after `number`, oldest first. Throws `.dataLoss` if one cannot be read.
  public func versions(after number: Int = 0) async throws -> [Version] {
    var versions: [Version] = []
    var next = SequenceNumber(UInt32(clamping: number))
    while true {
      let commits: [RecordedCommit]
      do { commits = try await store.commits(of: root, from: next, limit: ReadLimit()) } catch {
        throw EventSourcingError(error)
      }
      for page in commits.flatMap(\.commit.pages.pages) where page.sequence >= next {
        versions.append(try version(page))
      }
      guard let end = commits.last?.commit.pages.next, end > next else { return versions }
      next = end
    }
  }

  /// The last version with a type of this fingerprint; nil if none has.
  public func version(with fingerprint: String) async throws -> Version? {
    try await versions().last(with: fingerprint)
  }

  /// Registers a schema as the next version. Idempotent, also when processes register at once.
  public func register(
    _ schema: DomainSchema, _ compatibility: SchemaCompatibility
  ) async throws -> Outcome {
    var versions = try await versions()
    while true {
      if let known = versions.last(where: { $0.schema.isSame(as: schema) }) {
        return .known(number: known.number)
      }
      if let last = versions.last {
        let reasons = schema.reasons(against: last.schema, compatibility)
        if !reasons.isEmpty { return .incompatible(with: last.number, reasons: reasons) }
      }
      if try await append(schema, compatibility, behind: versions.count) {
        return .registered(number: versions.count + 1)
      }
      // Another process was faster: read its version.
      versions += try await self.versions(after: versions.count)
    }
  }

  /// One stream: a sequence counts versions.
  private var root: Root { .nil }

  private func append(
    _ schema: DomainSchema, _ compatibility: SchemaCompatibility, behind count: Int
  ) async throws -> Bool {
    let registered = OutriderV1.SchemaRegistered(
      kind: schema.kind, schema: schema.bytes, compatibility: compatibility)
    let payload = Payload(typeURL: Self.typeURL, value: registered.wireBytes)
    let now = environment.now()
    var pages = PageBlock(emptyAt: SequenceNumber(UInt32(clamping: count)))
    pages.append(EventPage(sequence: pages.next, createdAt: now, body: payload.pageBody))
    let commit = Commit(
      cover: Cover(domain: store.domain, root: root), id: environment.newCommitID(), pages: pages,
      createdAt: now)
    let outcome: AppendOutcome
    do { outcome = try await store.append(commit) } catch { throw EventSourcingError(error) }
    return if case .appended = outcome { true } else { false }
  }

  private func version(_ page: EventPage) throws(EventSourcingError) -> Version {
    let number = Int(page.sequence.rawValue) + 1
    do {
      let payload = try Payload(pageBody: page.body)
      let registered = try OutriderV1.SchemaRegistered(wireBytes: payload.value)
      return Version(
        number: number, registeredAt: page.createdAt, compatibility: registered.compatibility,
        schema: try DomainSchema(registered.schema))
    } catch {
      throw EventSourcingError(
        .dataLoss, "version \(number) of the schema of \(domain) cannot be read: \(error)")
    }
  }
}

extension [SchemaRegistry.Version] {
  /// The last version with a type of this fingerprint; nil if none has.
  func last(with fingerprint: String) throws(SchemaFlaw) -> SchemaRegistry.Version? {
    for version in reversed()
    where try version.schema.types().contains(where: { $0.fingerprint == fingerprint }) {
      return version
    }
    return nil
  }
}
