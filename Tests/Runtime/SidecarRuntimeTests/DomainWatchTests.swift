import EventModel
import EventSourcing
import Logging
import MemoryStorage
import Synchronization
import Testing

@testable import SidecarRuntime

@Suite(.timeLimit(.minutes(5))) struct DomainWatchTests {
  private let storage = MemoryStorage()
  private let logger = Logger(label: "") { _ in SwiftLogNoOpLogHandler() }

  private func create(_ name: Name) async throws {
    _ = try await storage.domain(name).acquire("l", owner: "o", duration: .seconds(1))
  }

  @Test func oneBrokenDomainKeepsNoOtherFromBeingFollowed() async throws {
    for name in ["a", "b", "c"] as [Name] { try await create(name) }
    let (followed, follow) = AsyncStream<Name>.makeStream()
    let watch = DomainWatch(
      histories: storage, where: { _ in true }, interval: .seconds(60), logger: logger,
      follow: {
        if $0 == "b" { throw StorageError(.corrupt, "damaged") }
        follow.yield($0)
      })
    let running = Task { await watch.run() }
    var seen = followed.makeAsyncIterator()
    #expect(await seen.next() == "a")
    #expect(await seen.next() == "c")
    running.cancel()
    await running.value
  }

  @Test func watchThatIsCancelledFollowsNoFurtherDomain() async throws {
    for name in ["a", "b", "c"] as [Name] { try await create(name) }
    let followed = Mutex<[Name]>([])
    let watch = DomainWatch(
      histories: storage, where: { _ in true }, interval: .seconds(60), logger: logger,
      follow: { name in
        followed.withLock { $0.append(name) }
        withUnsafeCurrentTask { $0?.cancel() }
      })
    await watch.run()
    #expect(followed.withLock { $0 } == ["a"])
  }

  @Test func domainIsFollowedOnceAndAsSoonAsItExists() async throws {
    let (followed, follow) = AsyncStream<Name>.makeStream()
    let tries = Atomic(0)
    let watch = DomainWatch(
      histories: storage, where: { ["later", "z"].contains($0) }, interval: .seconds(3600),
      logger: logger,
      follow: {
        if $0 == "later", tries.add(1, ordering: .relaxed).newValue == 1 {
          throw StorageError(.unavailable, "away")
        }
        follow.yield($0)
      })
    let running = Task { await watch.run() }
    try await create("another")
    try await create("later")
    var seen = followed.makeAsyncIterator()
    // Whether the first look finds it or not: it takes two tries.
    while tries.load(ordering: .relaxed) < 2 {
      watch.look()
      await Task.yield()
    }
    #expect(await seen.next() == "later")
    try await create("z")
    watch.look()
    #expect(await seen.next() == "z")
    #expect(tries.load(ordering: .relaxed) == 2)
    running.cancel()
    await running.value
  }
}
