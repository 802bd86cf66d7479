import Wire

extension OutriderV1.Page {
  /// The most items in an answer: 100 by default, never more than 1000.
  var limit: Int { min(size ?? 100, 1000) }
}
