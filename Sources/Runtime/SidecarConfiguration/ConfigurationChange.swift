/// The difference between a new configuration and that of the running process.
///
/// The log's level, the policy and the sampling of traces change at once. All else waits for a
/// restart.
package struct ConfigurationChange: Sendable {
  /// The configuration after the change.
  package private(set) var running: Configuration
  /// Changed settings, by their names in the file.
  package let taken: [String]
  /// Settings that wait for a restart.
  package let waiting: [String]

  package init(from old: Configuration, to new: Configuration) {
    running = old
    running.log.level = new.log.level
    running.traces.sample = new.traces.sample
    if running.allows(new.policy) { running.policy = new.policy }
    taken = old.differences(from: running)
    waiting = running.differences(from: new)
  }
}

extension Configuration {
  /// True if the policy can change at once. Its callers must be provable as the process runs, and
  /// the last rule stays until a restart: no rules means full access, and a truncated file has
  /// none.
  fileprivate func allows(_ policy: [PolicyRule]) -> Bool {
    guard !policy.isEmpty || self.policy.isEmpty else { return false }
    var changed = self
    changed.policy = policy
    return changed.contradictions().isEmpty
  }

  /// The names of the settings that differ, in the order of the tables; never a value.
  fileprivate func differences(from other: Configuration) -> [String] {
    let listsDomains = [self, other].contains { configuration in
      configuration.domains.count > 1 || configuration.domains[0].projectors.count > 1
    }
    let mine = values(listingDomains: listsDomains)
    let others = other.values(listingDomains: listsDomains)
    let known = Dictionary(mine.map { ($0.name, $0.value) }) { first, _ in first }
    let foreign = Dictionary(others.map { ($0.name, $0.value) }) { first, _ in first }
    // Their descriptions leave passwords out.
    let secret =
      (store == other.store ? [] : ["store"]) + (channel == other.channel ? [] : ["channel"])
    let differing = (mine + others).map(\.name)
      .filter { known[$0] != foreign[$0] || secret.contains($0) }
    let both = Set(known.keys).intersection(foreign.keys)
    return distinct(differing.map { both.contains($0) ? $0 : entry(of: $0, missingIn: both) })
  }

  /// The name of a whole list entry that only one configuration has, instead of each of its
  /// settings: `routes[2]`.
  private func entry(of name: String, missingIn both: Set<String>) -> String {
    let ends = name.indices.filter { name[$0] == "]" }
    let entries = ends.map { name[...$0] }
    let missing = entries.first { entry in !both.contains { $0.hasPrefix("\(entry).") } }
    return String(missing ?? name.prefix { $0 != "." })
  }
}
