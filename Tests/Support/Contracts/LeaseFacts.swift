import EventModel
import EventSourcing
import Testing

let leaseFacts: [Fact] = [
  Fact("one owner at a time holds a lease, and may renew it") { subject async throws in
    let store = subject.store
    let held = try #require(try await store.acquire("l", owner: "a", duration: .seconds(10)))
    #expect(try await store.acquire("l", owner: "b", duration: .seconds(10)) == nil)
    #expect(try await store.acquire("m", owner: "b", duration: .seconds(10)) != nil)
    subject.clock.advance(bySeconds: 9)
    #expect(try await store.acquire("l", owner: "a", duration: .seconds(10)) == held)
    subject.clock.advance(bySeconds: 9)
    #expect(try await store.acquire("l", owner: "b", duration: .seconds(10)) == nil)
  },

  Fact("leases are renewed together, but for those that were given back or that others have") {
    subject async throws in
    let store = subject.store
    var leases: [Lease] = []
    for name: Name in ["kept", "taken", "given back", "expired"] {
      let seconds = name == "taken" ? 1 : name == "expired" ? 2 : 10
      leases.append(
        try #require(try await store.acquire(name, owner: "a", duration: .seconds(seconds))))
    }
    try await store.release(leases[2])
    subject.clock.advance(bySeconds: 3)
    let taken = try #require(try await store.acquire("taken", owner: "b", duration: .seconds(60)))
    // One whose time is over, and that nobody wanted, is still the holder's.
    #expect(try await store.renew(leases, for: .seconds(10)) == [leases[0], leases[3]])
    subject.clock.advance(bySeconds: 9)
    for name: Name in ["kept", "expired"] {
      #expect(try await store.acquire(name, owner: "b", duration: .seconds(1)) == nil)
    }
    #expect(try await store.renew([taken], for: .seconds(1)) == [taken])
    #expect(try await store.renew([leases[0]], for: .seconds(1)) == [leases[0]])
    subject.clock.advance(bySeconds: 2)
    #expect(try await store.acquire("kept", owner: "b", duration: .seconds(1)) != nil)
    #expect(try await store.renew([leases[0]], for: .seconds(1)) == [])
    #expect(try await store.renew([], for: .seconds(1)) == [])
  },

  Fact("an expired lease goes to the next, whose token is higher") { subject async throws in
    let store = subject.store
    var lastToken: UInt64 = 0
    for owner: Name in ["a", "b", "a", "c"] {
      let lease = try #require(try await store.acquire("l", owner: owner, duration: .seconds(10)))
      #expect(lease.token > lastToken)
      lastToken = lease.token
      subject.clock.advance(bySeconds: 10)
    }
  },

  Fact("a lease that was given back is free at once, and its token is not used again") {
    subject async throws in
    let store = subject.store
    let first = try #require(try await store.acquire("l", owner: "a", duration: .seconds(10)))
    try await store.release(first)
    let second = try #require(try await store.acquire("l", owner: "b", duration: .seconds(10)))
    #expect(second.token > first.token)
    try await store.release(second)
    let third = try #require(try await store.acquire("l", owner: "b", duration: .seconds(10)))
    #expect(third.token > second.token)
  },

  Fact("whoever gives back a lease that another holds now changes nothing") {
    subject async throws in
    let store = subject.store
    let stale = try #require(try await store.acquire("l", owner: "a", duration: .seconds(1)))
    subject.clock.advance(bySeconds: 2)
    _ = try #require(try await store.acquire("l", owner: "b", duration: .seconds(10)))
    try await store.release(stale)
    #expect(try await store.acquire("l", owner: "a", duration: .seconds(10)) == nil)
  },

  Fact("who looks at a lease sees its holder, or that it was given back, and changes nothing") {
    subject async throws in
    let store = subject.store
    #expect(try await store.holding(of: "l") == nil)
    let held = try #require(try await store.acquire("l", owner: "a", duration: .seconds(10)))
    let seen = try #require(try await store.holding(of: "l"))
    #expect(seen.owner == "a")
    #expect(seen.token == held.token)
    #expect(seen.expiry == subject.clock.now().advanced(by: .seconds(10)))
    try await store.release(held)
    #expect(try await store.holding(of: "l")?.owner == nil)
    #expect(try await store.holding(of: "l")?.token == held.token)
  },

  Fact("without the lease no checkpoint moves: taken over, given back, or never had") {
    subject async throws in
    let store = subject.store
    func advance(_ lease: Lease, to number: UInt64) async -> StorageError.Code? {
      do {
        try await store.advance("s", to: Position(number: number), holding: lease)
        return nil
      } catch {
        return error.code
      }
    }
    let stale = try #require(try await store.acquire("l", owner: "a", duration: .seconds(1)))
    #expect(await advance(stale, to: 4) == nil)
    subject.clock.advance(bySeconds: 2)
    let held = try #require(try await store.acquire("l", owner: "b", duration: .seconds(10)))
    #expect(await advance(stale, to: 5) == .fenced)
    #expect(await advance(Lease(name: "l", owner: "b", token: 999), to: 5) == .fenced)
    #expect(await advance(Lease(name: "m", owner: "b", token: held.token), to: 5) == .fenced)
    #expect(try await store.checkpoint(of: "s", partition: 0) == Position(number: 4))
    #expect(await advance(held, to: 6) == nil)
    try await store.release(held)
    #expect(await advance(held, to: 7) == .fenced)
    #expect(try await store.checkpoint(of: "s", partition: 0) == Position(number: 6))
  },
]
