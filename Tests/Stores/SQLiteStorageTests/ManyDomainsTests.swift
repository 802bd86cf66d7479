import Contracts
import EventModel
import EventSourcing
import Foundation
import Synchronization
import Testing

@testable import SQLiteStorage

/// Invented names, each of which gets an event, all at once: far more than may be open at a time.
///
/// A tenth at first: to create, fill and close a file takes several flushes and 3 ms of a
/// processor, so 10,000 took 45 s on two of them. `OpenFilesTests` asks for 10,000 names always.
/// Threads are counted end to end, in a process that no other test shares.
@Suite(.timeLimit(.minutes(10))) struct ManyDomainsTests {
  private static let openFilesMax = 16
  private let names = (0..<Scale.count(of: 10_000, atFirst: 1000)).map { number in
    Name("invented-\(number)")
  }

  @Test func inventedNamesAreCreatedAndReadBackWithFewDescriptors() async throws {
    try await withTemporaryDirectory { directory in
      let peak = Peak()

      let storage = try SQLiteStorage(directory: directory, openFilesMax: Self.openFilesMax)
      try await forEachName { name, number in
        let outcome = try await storage.domain(name).append(first(of: name))
        #expect(outcome == .appended(Position(number: 1)))
        if number % 20 == 0 { try peak.note(directory) }
      }
      #expect(try await storage.domains() == names.sorted())
      await storage.close()

      let reopened = try SQLiteStorage(directory: directory, openFilesMax: Self.openFilesMax)
      #expect(try await reopened.domains() == names.sorted())
      try await forEachName { name, number in
        let log = try await reopened.domain(name).wholeLog()
        #expect(log.map(\.commit) == [first(of: name)])
        if number % 20 == 0 { try peak.note(directory) }
      }
      await reopened.close()

      // Of each file 8, as `SQLiteStorage` says; some more files are being opened or closed.
      #expect(peak.descriptors <= 8 * (Self.openFilesMax + Limits.filesChanging))
      #expect(try openFiles(in: directory) == 0)
    }
  }

  /// All at once, as strangers would.
  private func forEachName(
    _ body: @escaping @Sendable (_ name: Name, _ number: Int) async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup { group in
      for (number, name) in names.enumerated() {
        group.addTask { try await body(name, number) }
      }
      try await group.waitForAll()
    }
  }

  /// The domain's one event; the same whenever it is asked for.
  private func first(of name: Name) -> Commit {
    let bytes = Bytes(name.utf8)
    guard let root = Root(Bytes(repeating: 7, count: Root.byteCount - bytes.count) + bytes) else {
      preconditionFailure("the names are shorter than a root")
    }
    var commit = Commit.sample(root)
    commit.cover = Cover(domain: name, root: root)
    commit.id = CommitID(root.bytes) ?? commit.id
    return commit
  }
}

/// The most descriptors of files in a directory.
private final class Peak: Sendable {
  private let peak = Mutex(0)

  var descriptors: Int { peak.withLock(\.self) }

  func note(_ directory: String) throws {
    let descriptors = try openFiles(in: directory)
    peak.withLock { $0 = max($0, descriptors) }
  }
}

/// How many descriptors this process has of files in the directory: other tests have some, too.
private func openFiles(in directory: String) throws -> Int {
  try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count { descriptor in
    // Nil for one that was closed just now.
    let file = try? FileManager.default.destinationOfSymbolicLink(
      atPath: "/proc/self/fd/\(descriptor)")
    return file?.hasPrefix(directory) ?? false
  }
}
