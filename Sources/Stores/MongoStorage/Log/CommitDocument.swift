import EventModel
import EventSourcing
import StatusCodes

/// The stored form of a commit: fields that a person wants to see in any MongoDB tool, and the
/// pages in wire form.
enum CommitDocument {
  static func encode(_ commit: Commit, at position: Position) -> BSONDocument {
    let root = commit.cover.root
    var document = BSONDocument()
    document.append("_id", CommitKey.commit(root, commit.pages.first))
    document.append("partition", .int32(Int32(bitPattern: position.partition)))
    document.append("position", .number(position.number))
    document.append("root", .uuid(root))
    document.append("first", .sequence(commit.pages.first))
    document.append("next", .sequence(commit.pages.next))
    document.append("events", .array(commit.pages.eventTypes.lazy.map(BSONValue.string)))
    document.append("createdAt", .date(commit.createdAt.milliseconds))
    document.append("createdNanos", commit.createdAt.restOfMillisecond)
    document.append("commitId", .uuid(commit.id))
    document.append("commandId", commit.commandID.map(BSONValue.string))
    if !commit.origin.correlation.isEmpty {
      document.append("correlation", .string(commit.origin.correlation))
    }
    if !commit.origin.annotations.isEmpty {
      document.append("annotations", .binary(commit.origin.annotations))
    }
    document.append("cause", commit.origin.causingEvent.map { .binary(CauseKey($0).bytes) })
    document.append("pages", .binary(commit.pages.bytes))
    if let snapshot = commit.snapshot {
      document.append(
        "snapshot", ["sequence": .sequence(snapshot.sequence), "state": .binary(snapshot.state)])
    }
    return document
  }

  static func tombstone(at position: Position, time: Timestamp) -> BSONDocument {
    [
      "_id": CommitKey.tombstone(position),
      "partition": .int32(Int32(bitPattern: position.partition)),
      "position": .number(position.number), "tombstone": true,
      "createdAt": .date(time.milliseconds),
    ]
  }

  /// A tombstone with a barred command id. The index that refuses a second commit of a command
  /// then refuses the first one, too.
  static func bar(
    on commandID: String, of root: Root, as end: EndWithoutEvents, at position: Position,
    time: Timestamp
  ) -> BSONDocument {
    var document = tombstone(at: position, time: time)
    document.append("root", .uuid(root))
    document.append("commandId", .string(commandID))
    document.append("ending", .string(end.name))
    if let refusal = end.refusal {
      document.append("code", .int32(Int32(refusal.code.rawValue)))
      document.append("message", .string(refusal.message))
      document.append("trailers", .binary(refusal.trailers))
    }
    return document
  }

  /// How the command ended that a tombstone bars.
  static func end(
    _ document: BSONDocument, of domain: Name
  ) throws(MongoFailure) -> EndWithoutEvents {
    let refusal = ErrorStatus(
      StatusCode(number: document["code"]?.integer), document["message"]?.text ?? "",
      trailers: document["trailers"]?.bytes ?? [])
    guard let end = EndWithoutEvents(stored: document["ending"]?.text, refusal: refusal) else {
      throw .damaged(
        "has a command with an end that is none",
        Damage(
          domain: domain, root: try? document.root("root"), position: try? position(document)))
    }
    return end
  }

  static func isTombstone(_ document: BSONDocument) -> Bool {
    document["tombstone"]?.flag == true
  }

  /// Throws `.damaged` with the place if the document is not in the form of `encode`.
  static func decode(
    _ document: BSONDocument, of domain: Name
  ) throws(MongoFailure) -> RecordedCommit {
    do throws(MongoFailure) {
      let commit = Commit(
        cover: Cover(domain: domain, root: try document.root("root")),
        id: try document.commitID("commitId"), pages: try pages(document),
        snapshot: try snapshot(document), commandID: document["commandId"]?.text,
        origin: Origin(
          correlation: document["correlation"]?.text ?? "",
          annotations: document["annotations"]?.bytes ?? []),
        createdAt: try document.time("createdAt", nanoseconds: "createdNanos"))
      return RecordedCommit(position: try position(document), commit: commit)
    } catch {
      throw .damaged(
        error.message,
        Damage(
          domain: domain, root: try? document.root("root"),
          sequence: try? document.sequence("first"), position: try? position(document)))
    }
  }

  static func position(_ document: BSONDocument) throws(MongoFailure) -> Position {
    guard let partition = document["partition"]?.integer else { throw .damaged("has no partition") }
    return Position(
      partition: UInt32(truncatingIfNeeded: partition), number: try document.number("position"))
  }

  /// The pages, at least one.
  static func pages(_ document: BSONDocument) throws(MongoFailure) -> PageBlock {
    guard
      let block = PageBlock(
        stored: document["pages"]?.bytes ?? [], first: try document.sequence("first"),
        next: try document.sequence("next")), !block.isEmpty
    else { throw .damaged("does not read as it was written") }
    return block
  }

  /// A snapshot that includes events up to one of the commit's pages.
  static func snapshot(_ document: BSONDocument) throws(MongoFailure) -> Snapshot? {
    guard let stored = document["snapshot"]?.document else { return nil }
    let snapshot = Snapshot(
      sequence: try stored.sequence("sequence"), state: stored["state"]?.bytes ?? [])
    guard snapshot.sequence < (try document.sequence("next")) else {
      throw .damaged("has a snapshot of later events")
    }
    return snapshot
  }
}
