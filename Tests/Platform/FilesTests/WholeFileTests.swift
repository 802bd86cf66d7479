import Files
import Foundation
import Testing

@Suite final class WholeFileTests {
  let path = FileManager.default.temporaryDirectory
    .appending(path: "outrider-file-\(UInt64.random(in: 0...UInt64.max))").path

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private func write(_ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(filePath: path))
  }

  @Test(arguments: [0, 1, 64 << 10, 200_000]) func allBytesAreRead(_ count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    try write(bytes)
    #expect(try readFile(path) == bytes)
    #expect(try readFile(path, byteCountMax: count) == bytes)
    #expect(try readFile(path, stoppingAfter: count) == bytes)
  }

  @Test func longerFileIsRefused() throws {
    try write([1, 2, 3])
    let error = #expect(throws: FileError.self) { try readFile(path, byteCountMax: 2) }
    #expect(error?.description == "the file is longer than 2 bytes")
  }

  @Test func longerFileIsNotReadToItsEnd() throws {
    try write([UInt8](repeating: 7, count: 1 << 20))
    let count = try readFile(path, stoppingAfter: 1000).count
    #expect(count > 1000 && count < 1 << 20)
  }

  @Test func missingFileIsTheSystemsError() throws {
    let error = #expect(throws: FileError.self) { try readFile(path) }
    #expect(error?.description == "No such file or directory")
  }
}
