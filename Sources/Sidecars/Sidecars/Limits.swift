/// Everything in the services that could grow, and how far it may.
enum Limits {
  /// Aggregates that one call of `Synchronize` keeps its client level with. One more is
  /// RESOURCE_EXHAUSTED.
  static let interestsPerCall = 10_000
}
