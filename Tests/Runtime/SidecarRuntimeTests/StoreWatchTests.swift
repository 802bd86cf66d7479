import EventSourcing
import Logging
import MemoryStorage
import Metrics
import Testing

@testable import SidecarRuntime

@Suite(.timeLimit(.minutes(5))) struct StoreWatchTests {
  private let full = StorageError(.unavailable, "the disk is full")

  private func isWritable(_ watch: StoreWatch) -> Bool {
    var exposition = Exposition()
    watch.write(to: &exposition)
    return exposition.text.contains("outrider_store_writable 1")
  }

  @Test func onlyAStoreThatTakesNothingCounts() async throws {
    let watch = StoreWatch(Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let store = try await MemoryStorage().domain("d")
    for code: StorageError.Code in [.tooLarge, .corrupt, .fenced, .incompatible] {
      watch.note(.appendFailed(StorageError(code, "that one commit")), of: store)
      #expect(isWritable(watch))
    }
    watch.note(.appendFailed(full), of: store)
    #expect(!isWritable(watch))
    watch.note(.appended(snapshotOf: nil), of: store)
    #expect(isWritable(watch))
  }

  @Test func anotherDomainsCommitDoesNotHideAFailure() async throws {
    let watch = StoreWatch(Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    let storage = MemoryStorage()
    watch.note(.appendFailed(full), of: try await storage.domain("d"))
    watch.note(.appended(snapshotOf: nil), of: try await storage.domain("e"))
    #expect(!isWritable(watch))
  }

  @Test func itTriesByItselfUntilAWriteSucceeds() async throws {
    let watch = StoreWatch(
      Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
      intervals: (probe: .milliseconds(1), log: .seconds(30)))
    watch.note(.appendFailed(full), of: try await MemoryStorage().domain("d"))
    let running = Task { await watch.run() }
    while !isWritable(watch) { await Task.yield() }
    #expect(isWritable(watch))
    running.cancel()
    await running.value
  }
}
