import EventModel
import EventSourcing
import OutriderTesting

/// Sends one command after the other, as a command-handler does: it decides on what it knows of the
/// aggregate, and anew where others were faster.
struct Writer {
  let store: any EventStore
  let roots: [Root]
  var random: SeededRandom
  /// What this writer believes each aggregate's next number to be.
  private var next: [Root: SequenceNumber] = [:]

  init(store: any EventStore, roots: [Root], random: SeededRandom) {
    self.store = store
    self.roots = roots
    self.random = random
  }

  /// A command with an id is sent again where its outcome is unknown, and sometimes for no reason;
  /// one without an id is given up.
  mutating func sendCommand() async {
    let root = roots[Int(random.next() % UInt64(roots.count))]
    let commandID = random.oneIn(2) ? "\(Root.random(using: &random))" : nil
    let repeats = commandID != nil && random.oneIn(8)
    while true {
      let outcome = await attempt(on: root, commandID: commandID)
      switch outcome {
      case .decideAgain: continue
      case .unknown where commandID != nil && !StopSignal.hasCome: continue
      case .unknown: return
      case .done:
        if repeats { _ = await attempt(on: root, commandID: commandID) }
        return
      }
    }
  }

  private enum Outcome { case done, decideAgain, unknown }

  private mutating func attempt(on root: Root, commandID: String?) async -> Outcome {
    do {
      if next[root] == nil { next[root] = try await store.next(of: root) }
      let commit = decide(on: root, from: next[root] ?? .first, commandID: commandID)
      History.note(
        "try", commit.id, root, commit.pages.first, commit.pages.count, commandID ?? "-")
      return await append(commit)
    } catch {
      History.complain("next: \(error.message)")
      try? await Task.sleep(for: .milliseconds(20))
      return .unknown
    }
  }

  private mutating func append(_ commit: Commit) async -> Outcome {
    let root = commit.cover.root
    do {
      switch try await store.append(commit) {
      case .appended(let position):
        History.note("ok", commit.id, position.number)
        next[root] = commit.pages.next
        return .done
      case .alreadyHandled(let earlier):
        History.note("known", commit.id, earlier.commit.id, earlier.position.number)
        next[root] = nil
        return .done
      case .barred: preconditionFailure("nobody bars a command here")
      case .conflict(let actual):
        History.note("conflict", commit.id, actual)
        next[root] = actual
        return .decideAgain
      }
    } catch {
      History.note("unknown", commit.id)
      History.complain("append: \(error.message)")
      next[root] = nil
      try? await Task.sleep(for: .milliseconds(20))
      return .unknown
    }
  }

  private mutating func decide(
    on root: Root, from first: SequenceNumber, commandID: String?
  ) -> Commit {
    let time = Timestamp(seconds: 1_700_000_000)
    var pages = PageBlock(emptyAt: first)
    for _ in 0...random.next() % 3 {
      pages.append(EventPage(sequence: pages.next, createdAt: time, body: []))
    }
    return Commit(
      cover: Cover(domain: store.domain, root: root), id: .random(using: &random), pages: pages,
      commandID: commandID, createdAt: time)
  }
}
