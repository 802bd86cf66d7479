import ArgumentParser
import EventModel
import EventSourcing
import MongoStorage
import OutriderTesting
import SQLiteStorage

/// One process of the history check, which `Tests/history` starts many of and kills: it uses a
/// store as sidecars do, and prints what it does and sees, a line each.
@main
struct HistoryWorker: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history-worker", subcommands: [Write.self, Follow.self])
}

/// Sends commands until SIGTERM.
struct Write: AsyncParsableCommand {
  @OptionGroup var place: Place
  @Option(help: "What is done follows from it, as far as the others' speed lets it.")
  var seed: UInt64
  @Option(help: "Commands under way at once.") var parallel = 8
  @Option(help: "Aggregates that every writer writes to.") var commonRoots = 4
  @Option(help: "Aggregates of this writer alone.") var ownRoots = 16

  func run() async throws {
    StopSignal.listen()
    let (storage, store) = try await place.open()
    var common = SeededRandom(seed: 1)
    var random = SeededRandom(seed: seed)
    let roots =
      (0..<commonRoots).map { _ in Root.random(using: &common) }
      + (0..<ownRoots).map { _ in Root.random(using: &random) }
    await withTaskGroup { group in
      for _ in 0..<parallel {
        let seed = random.next()
        group.addTask {
          var writer = Writer(store: store, roots: roots, random: SeededRandom(seed: seed))
          while !StopSignal.hasCome { await writer.sendCommand() }
        }
      }
    }
    await storage.close()
  }
}

/// Reads the log behind a position, and what is added to it, until it is ended.
struct Follow: AsyncParsableCommand {
  @OptionGroup var place: Place
  @Option(help: "The number of the last position that was seen before.") var after: UInt64 = 0

  func run() async throws {
    let (_, store) = try await place.open()
    var position = Position(number: after)
    while true {
      do {
        let commits = try await store.log(after: position, limit: ReadLimit(count: 100))
        for recorded in commits {
          let commit = recorded.commit
          History.note(
            "saw", recorded.position.number, commit.id, commit.cover.root,
            commit.pages.first, commit.pages.count, commit.commandID ?? "-")
          position = recorded.position
        }
        if commits.isEmpty { await store.waitForLog(after: position) }
      } catch {
        History.complain("log: \(error.message)")
        try await Task.sleep(for: .milliseconds(50))
      }
    }
  }
}

/// Where the log is.
struct Place: ParsableArguments {
  @Option(help: "sqlite:DIRECTORY or mongodb://HOST/DATABASE") var store: String
  @Option var domain = "history"

  /// Waits for a server that is away: it was killed, as everything here is now and then.
  func open() async throws -> (any Storage, any EventStore) {
    let storage = try storage()
    while true {
      do throws(StorageError) { return (storage, try await storage.domain(Name(domain))) } catch {
        guard error.code == .unavailable else { throw error }
        History.complain("open: \(error.message)")
      }
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  private func storage() throws -> any Storage {
    let parts = store.split(separator: ":", maxSplits: 1)
    switch parts.first {
    case "sqlite": return try SQLiteStorage(directory: String(parts[1]))
    case "mongodb": return try MongoStorage(uri: store)
    default: throw ValidationError("no such kind of store: \(store)")
    }
  }
}
