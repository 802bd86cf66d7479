import EventModel
import EventSourcing
import Wire

/// Following causes through three domains.
struct FollowingCauses {
  private let commits = 10_000
  private let domains: [Name] = ["bench", "bench-2", "bench-3"]

  func measure(_ storage: any Storage) async throws {
    var roots: [EventReference] = []
    for fanOut in [3, commits] {
      let tree = tree(fanOut)
      roots.append(EventReference(cover: tree[0].cover, sequence: .first))
      try await withThrowingTaskGroup { group in
        for commit in tree {
          let store = try await storage.domain(commit.cover.domain)
          group.addTask { _ = try await store.append(commit) }
        }
        try await group.waitForAll()
      }
    }
    let trace = CauseTrace(domains: domains, gate: ConcurrencyLimit(1)) { domain in
      try await storage.domain(domain)
    }
    for (root, shape) in zip(roots, ["three effects each", "effects of one"]) {
      let (start, stopwatch) = (ContinuousClock.now, Stopwatch())
      var count = 0
      try await trace.nodes(from: .event(root), limit: commits) { _ in count += 1 }
      let milliseconds = text((.now - start) / .milliseconds(1))
      let cpu = text(stopwatch.read(count: count).cpu)
      print("following \(count) causes, \(shape): \(milliseconds) ms, \(cpu) µs of CPU each")
    }
  }

  private func tree(_ fanOut: Int) -> [Commit] {
    var tree: [Commit] = []
    for number in 0..<commits {
      var commit = Commit.sample()
      commit.cover = Cover(domain: domains[number % domains.count], root: commit.cover.root)
      if number > 0 {
        commit.origin = Origin(
          Evented.Annotations(cause: Evented.Cause(cover: tree[(number - 1) / fanOut].cover)))
      }
      tree.append(commit)
    }
    return tree
  }
}
