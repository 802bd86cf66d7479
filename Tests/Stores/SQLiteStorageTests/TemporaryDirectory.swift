import Foundation

/// Lends a directory of its own, and removes it.
func withTemporaryDirectory<Outcome>(
  _ body: (_ path: String) async throws -> Outcome
) async throws -> Outcome {
  let directory = FileManager.default.temporaryDirectory
    .appendingPathComponent("outrider-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  return try await body(directory.path)
}
