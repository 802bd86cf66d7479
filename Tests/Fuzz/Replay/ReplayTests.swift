import Foundation
import FuzzTargets
import Testing

/// Every input that fuzzing ever found, and every seed, runs clean. One that does not traps here.
@Suite struct ReplayTests {
  private static let corpus = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Corpus")

  @Test(arguments: FuzzTarget.all) func everyKeptInputRunsClean(_ target: FuzzTarget) throws {
    let inputs = try FileManager.default.contentsOfDirectory(
      at: Self.corpus.appending(path: target.name), includingPropertiesForKeys: nil)
    #expect(!inputs.isEmpty)
    for input in inputs { target.run(Array(try Data(contentsOf: input))) }
  }

  /// What is cut short anywhere, or has one wrong byte, is what peers send first.
  @Test(arguments: FuzzTarget.all) func damagedInputsRunClean(_ target: FuzzTarget) throws {
    let inputs = try FileManager.default.contentsOfDirectory(
      at: Self.corpus.appending(path: target.name), includingPropertiesForKeys: nil)
    for input in inputs {
      let bytes = Array(try Data(contentsOf: input).prefix(256))
      for index in bytes.indices {
        target.run(Array(bytes[..<index]))
        var damaged = bytes
        damaged[index] ^= 0xff
        target.run(damaged)
      }
    }
  }
}
