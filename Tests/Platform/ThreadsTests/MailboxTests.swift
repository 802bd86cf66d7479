import Testing
import Threads

@Suite(.timeLimit(.minutes(5))) struct MailboxTests {
  @Test func moreThanMayWaitAreRefused() {
    let mailbox = Mailbox<String>(limit: (count: 2, bytes: 100))
    #expect(mailbox.put("alone", byteCount: 1000) == .delivered)
    #expect(mailbox.put("b", byteCount: 1) == .full)
    #expect(mailbox.take(atMost: (count: 1, bytes: 1)) == ["alone"])
    #expect(mailbox.put("c", byteCount: 60) == .delivered)
    #expect(mailbox.put("d", byteCount: 60) == .full)
    #expect(mailbox.put("e", byteCount: 1) == .delivered)
    #expect(mailbox.put("f", byteCount: 1) == .full)
    #expect(mailbox.take(atMost: (count: 10, bytes: 60)) == ["c"])
    mailbox.close()
    #expect(mailbox.put("g", byteCount: 1) == .closed)
    #expect(mailbox.take(atMost: (count: 10, bytes: 60)) == ["e"])
    #expect(mailbox.take(atMost: (count: 10, bytes: 60)) == nil)
  }

  @Test func whoeverDoesNotWaitGetsWhatIsThere() {
    let mailbox = Mailbox<Int>(limit: (count: 10, bytes: .max))
    #expect(mailbox.take(atMost: (count: 10, bytes: 1), waiting: false) == [])
    for number in 1...3 { #expect(mailbox.put(number) == .delivered) }
    #expect(mailbox.count == 3)
    #expect(mailbox.take(atMost: (count: 2, bytes: 1), waiting: false) == [1, 2])
    mailbox.close()
    #expect(mailbox.take(atMost: (count: 2, bytes: 1), waiting: false) == [3])
    #expect(mailbox.take(atMost: (count: 2, bytes: 1), waiting: false) == nil)
  }

  @Test func whoGathersWaitsForAsManyAsItWants() async throws {
    let mailbox = Mailbox<Int>(limit: (count: 10, bytes: .max))
    let gathered = Milestone()
    try startThread {
      mailbox.gather(3, within: .seconds(3600))
      gathered.reach()
    }
    for number in 1...3 { #expect(mailbox.put(number) == .delivered) }
    await gathered.wait()
    #expect(mailbox.take(atMost: (count: 10, bytes: 1), waiting: false) == [1, 2, 3])
  }

  @Test func whoGathersGivesUpInTimeAndWhenNothingMoreWillCome() {
    let mailbox = Mailbox<Int>(limit: (count: 10, bytes: .max))
    #expect(mailbox.put(1) == .delivered)
    mailbox.gather(2, within: .milliseconds(1))
    #expect(mailbox.count == 1)
    mailbox.close()
    mailbox.gather(2, within: .seconds(3600))
    #expect(mailbox.take(atMost: (count: 10, bytes: 1)) == [1])
  }
}
