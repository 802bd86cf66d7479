import Files
import Foundation
import Testing

@Suite struct SignsOfLifeTests {
  @Test func whoeverClosesHasEnded() throws {
    try withFile { file in
      let (one, other) = (SignsOfLife(file: file), SignsOfLife(file: file))
      #expect(other.hasEnded(7 << 2))
      #expect(one.show(7 << 2))
      #expect(!other.hasEnded(7 << 2))
      #expect(!one.hasEnded(7 << 2))
      one.close()
      #expect(other.hasEnded(7 << 2))
    }
  }

  @Test func aSignThatAnotherGivesCannotBeGiven() throws {
    try withFile { file in
      let (one, other) = (SignsOfLife(file: file), SignsOfLife(file: file))
      #expect(one.show(1 << 2))
      #expect(!other.show(1 << 2))
      #expect(other.show(2 << 2))
    }
  }

  @Test func aPlaceNamesTheFileAndNotItsPath() throws {
    try withFile { file in
      let (one, other) = (SignsOfLife(file: file), SignsOfLife(file: file))
      let place = try #require(one.place)
      #expect(other.place == place)
      #expect(SignsOfLife(file: "\(file)-copy").place != place)
      // Another file of that path: as in a container that was made anew.
      try FileManager.default.removeItem(atPath: file)
      #expect(SignsOfLife(file: file).place != place)
    }
  }

  @Test func withoutAFileNobodyEnds() {
    let signs = SignsOfLife(file: "/nowhere/signs")
    #expect(signs.place == nil)
    #expect(!signs.show(1))
    #expect(!signs.hasEnded(2))
  }

  private func withFile(_ body: (String) throws -> Void) throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try body(directory.appending(path: "signs").path)
  }
}
