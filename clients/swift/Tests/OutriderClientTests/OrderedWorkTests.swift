import Testing

@testable import OutriderClient

@Suite struct OrderedWorkTests {
  private var work = OrderedWork<String, Int>(workers: 2)

  /// Which of the queues were new.
  private mutating func add(_ items: (Int, to: String)...) -> [Bool] {
    items.map { work.add($0.0, to: $0.to) }
  }

  /// What is to be handled next; nil where it waits, or the task ends.
  private mutating func take(_ key: String) -> OrderedWork<String, Int>.Entry? {
    if case .handle(let entry)? = work.take(key) { entry } else { nil }
  }

  private mutating func ends(_ key: String) -> Bool {
    if case .end? = work.take(key) { true } else { false }
  }

  @Test mutating func queueIsNewUntilItsTaskEnds() throws {
    let first = add((1, to: "a"), (2, to: "a"))
    #expect(first == [true, false])
    for item in [1, 2] {
      let taken = take("a")
      let entry = try #require(taken)
      #expect(entry.item == item)
      work.finish(entry, of: "a")
    }
    let (isOver, again) = (ends("a"), add((3, to: "a")))
    #expect(isOver)
    #expect(again == [true])
  }

  @Test mutating func soManyAreHandledAtATime() throws {
    _ = add((1, to: "a"), (2, to: "b"), (3, to: "c"))
    let taken = [take("a"), take("b"), take("c")]
    #expect(taken.map { $0?.item } == [1, 2, nil])
    work.finish(try #require(taken[0]), of: "a")
    let third = take("c")
    #expect(third?.item == 3)
  }

  @Test mutating func postponedEntryLetsOthersGoFirst() throws {
    _ = add((1, to: "a"), (2, to: "b"), (3, to: "c"))
    let taken = [take("a"), take("b")]
    work.postpone()
    let third = take("c")
    #expect(third?.item == 3)
    #expect(work.isWanted(try #require(taken[0]), of: "a"))
  }

  @Test mutating func droppedItemIsNotHandledAgain() throws {
    _ = add((1, to: "a"), (2, to: "a"))
    let taken = take("a")
    let running = try #require(taken)
    work.drop { $0 == 1 }
    #expect(!work.isWanted(running, of: "a"))
    // It comes again while the first is still being handled: behind it, by the same task.
    let again = add((1, to: "a"))
    #expect(again == [false])
    work.finish(running, of: "a")
    let next = take("a")
    #expect(next?.item == 2)
  }

  @Test mutating func closedWorkEndsWhenItsTasksHave() throws {
    _ = add((1, to: "a"))
    let taken = take("a")
    let running = try #require(taken)
    work.close()
    #expect(!work.hasEnded)
    let late = add((2, to: "b"))
    #expect(late == [false])
    work.finish(running, of: "a")
    let isOver = ends("a")
    #expect(isOver)
    #expect(work.hasEnded)
  }
}
