import Wire

extension OutriderV1.Page {
  /// How many items an answer has at most: 100 where the caller does not say, never more than 1000.
  var limit: Int { min(size ?? 100, 1000) }
}
