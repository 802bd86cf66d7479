import Contracts
import EventModel
import EventSourcing
import Foundation
import SQLiteStorage
import Testing

@Suite(.timeLimit(.minutes(5))) struct CrashTests {
  @Test func everyAcknowledgedCommitSurvivesSIGKILLAndNoLeaseDoes() async throws {
    try await withTemporaryDirectory { directory in
      var acknowledged: [Substring: Substring] = [:]
      for round in 1...3 {
        for line in try linesOfProcessKilled(after: 300, arguments: [directory, "\(round)"]) {
          let words = line.split(separator: " ")
          let earlier = acknowledged.updateValue(words[1], forKey: words[0])
          #expect(earlier == nil, "position \(words[0]) was given twice")
        }
        let storage = try SQLiteStorage(directory: directory)
        let store = try await storage.domain("orders")
        #expect(try await store.holding(of: "l")?.owner == Name("\(round)"))
        #expect(try await store.acquire("l", owner: "next", duration: .zero) != nil)
        let log = try await store.wholeLog()
        #expect(log.map(\.position.number) == Array(1...UInt64(log.count)))
        #expect(log.allSatisfy { $0.commit.pages.pages.count == 3 })
        let found = Dictionary(
          uniqueKeysWithValues: log.map { ("\($0.position)", "\($0.commit.cover.root)") })
        for (position, root) in acknowledged {
          #expect(found[String(position)] == String(root))
        }
        #expect(acknowledged.count >= 300 * round)
        await storage.close()
      }
    }
  }

  @Test func whatIsAcknowledgedIsInTheFilesBeforeTheyAreClosed() async throws {
    try await withTemporaryDirectory { directory in
      let storage = try SQLiteStorage(directory: "\(directory)/original")
      let store = try await storage.domain("orders")
      for _ in 0..<20 { _ = try await store.append(.sample(.random())) }
      try FileManager.default.createDirectory(
        atPath: "\(directory)/copy", withIntermediateDirectories: true)
      for suffix in ["", "-wal"] {
        try FileManager.default.copyItem(
          atPath: "\(directory)/original/orders.db\(suffix)",
          toPath: "\(directory)/copy/orders.db\(suffix)")
      }
      let copy = try SQLiteStorage(directory: "\(directory)/copy")
      #expect(try await copy.domain("orders").wholeLog() == store.wholeLog())
      await copy.close()
      await storage.close()
    }
  }

  /// Runs the helper, kills it when it has printed so many lines, and brings all whole lines.
  private func linesOfProcessKilled(after count: Int, arguments: [String]) throws -> [Substring] {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().appendingPathComponent("append-until-killed")
    process.arguments = arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    var text = Data()
    while text.count(where: { $0 == UInt8(ascii: "\n") }) < count {
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { break }
      text += more
    }
    kill(process.processIdentifier, SIGKILL)
    text += output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationReason == .uncaughtSignal)
    let end = text.lastIndex(of: UInt8(ascii: "\n")) ?? text.startIndex
    return String(decoding: text[..<end], as: UTF8.self).split(separator: "\n")
  }
}
