import Testing

@testable import EventSourcing

@Suite struct RelayWindowTests {
  @Test func theFirstCommitGoesAloneUntilItIsConfirmed() {
    var window = RelayWindow(checkpoint: 10, sizeMax: 4)
    #expect(window.room == 1)
    window.publish(11)
    #expect(window.room == 0)
    window.confirm(upTo: 11)
    #expect(window.room == 3)
  }

  @Test func theWindowCountsFromTheSavedCheckpoint() {
    var window = RelayWindow(checkpoint: 0, sizeMax: 4)
    window.confirm(upTo: 0)
    window.publish(1, 2, 5, 6)
    #expect(window.room == 0)
    window.confirm(upTo: 5)
    #expect(window.room == 0)
    #expect(window.isPressing)
    window.save(upTo: 5)
    #expect(window.room == 3)
    #expect(!window.isPressing)
  }

  @Test func aNewSessionRepeatsOnlyWhatIsNotConfirmed() {
    var window = RelayWindow(checkpoint: 0, sizeMax: 8)
    window.confirm(upTo: 0)
    window.publish(1, 2, 3, 4)
    window.confirm(upTo: 2)
    window.restart()
    #expect(window.outstanding.map(\.number) == [1, 2])
    #expect(window.confirmed == 2)
    #expect(window.room == 0)
    window.save(upTo: 2)
    #expect(window.room == 1)
  }

  @Test func bytesBoundTheWindowToo() {
    var window = RelayWindow(checkpoint: 0, sizeMax: 100, bytesMax: 1000)
    window.confirm(upTo: 0)
    window.published(1, bytes: 600)
    #expect(window.room == 99)
    window.published(2, bytes: 600)
    #expect(window.room == 0)
    window.confirm(upTo: 1)
    #expect(window.isPressing)
    window.save(upTo: 1)
    #expect(window.room == 99)
  }
}

extension RelayWindow {
  fileprivate mutating func publish(_ numbers: UInt64...) {
    for number in numbers { published(number, bytes: 1) }
  }
}
