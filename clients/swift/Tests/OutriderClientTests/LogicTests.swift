import EventModel
import FoundationEssentials
import OutriderClient
import OutriderClientTesting
import RPC
import Testing
import Wire

@testable import ReadmeBank

/// What sidecars ask of logic, and scenarios that do not hold.
@Suite(.timeLimit(.minutes(1))) struct LogicTests {
  private let cover = Cover(domain: "bank", root: scenarioRoot)

  private func command(_ commands: any OutriderClient.Payload...) throws -> Command {
    let pages = try commands.map { Evented.CommandPage(command: try AnyPayload($0).any) }
    return try Command(wireBytes: Evented.CommandBook(cover: cover, pages: pages).wireBytes)
  }

  private func pages(
    _ events: any OutriderClient.Payload..., from first: SequenceNumber = .first
  ) throws -> PageBlock {
    var pages = PageBlock(emptyAt: first)
    for event in events {
      pages.append(
        EventPage(
          sequence: pages.next, createdAt: Timestamp(seconds: 0),
          body: try AnyPayload(event).pageBody()))
    }
    return pages
  }

  private func decided(
    _ command: Command, _ pages: PageBlock, after snapshot: Snapshot? = nil
  ) throws -> ProposedBook {
    let aggregate = EventModel.Aggregate(cover: cover, snapshot: snapshot, pages: pages)
    let request = Evented.ContextualCommand(command, on: aggregate)
    return try ProposedBook(wireBytes: Account.decide(request.wireBytes))
  }

  @Test func snapshotIsAnsweredWhenItIsTimeAndReadAgain() throws {
    let deposits = (0..<98).map { _ in DepositReceived(cents: 1) as any OutriderClient.Payload }
    var past = try pages(AccountOpened(owner: "Ann"))
    for deposit in deposits { past.append(try pages(deposit, from: past.next)) }
    let early = try decided(command(ReceiveDeposit(cents: 1)), past.slice(from: 0, upTo: 98))
    #expect(early.snapshot == nil)
    let answer = try decided(command(ReceiveDeposit(cents: 2)), past)
    let snapshot = try #require(answer.snapshot)
    #expect(snapshot.sequence == 99)
    #expect(try AnyPayload(any: snapshot.state).as(Account.self)?.cents == 100)
    let later = try decided(
      command(WithdrawCash(cents: 100)), PageBlock(emptyAt: 100), after: snapshot)
    #expect(later.pages.count == 1)
    #expect(later.snapshot == nil)
  }

  @Test func commandsOfABookAreDecidedOneAfterTheOther() throws {
    let commands = try command(
      OpenAccount(owner: "Ann"), ReceiveDeposit(cents: 5), WithdrawCash(cents: 5))
    #expect(try decided(commands, PageBlock(emptyAt: .first)).pages.count == 3)
  }

  @Test func membersThatAnotherProgramKeptAreNotLost() throws {
    let state = OutriderV1.AggregateState(members: ["card:1": try AnyPayload(Account()).any])
    let request = OutriderV1.HandleRequest(
      try command(ReceiveDeposit(cents: 1)), state: state.wireBytes, next: 1)
    #expect(throws: Mistake.self) { try Account.handle(request.wireBytes) }
  }

  @Test func eventThatNobodyAppliesIsInternalAndNamesIt() async throws {
    let channel = InProcessChannel(Router(Account.served.services))
    let aggregate = EventModel.Aggregate(
      cover: cover, snapshot: nil, pages: try pages(Balance()))
    let request = Evented.ContextualCommand(
      try command(ReceiveDeposit(cents: 1)), on: aggregate)
    let status = await #expect(throws: RPCStatus.self) {
      try await channel.unary(
        Method(service: "evented.BusinessLogic", name: "Handle"), request.wireBytes)
    }
    #expect(status?.code == .internal)
    #expect(status?.message.contains("applies no event of type Balance") == true)
  }

  @Test func jsonHasOneFormForEqualValues() throws {
    let payload = try AnyPayload(Account(owner: "A/b", cents: 3))
    #expect(payload.typeURL == "json/Account")
    #expect(String(decoding: payload.bytes, as: UTF8.self) == #"{"cents":3,"owner":"A/b"}"#)
  }

  @Test func payloadThatCannotBeReadSaysWhich() throws {
    struct AccountOpened: OutriderClient.Payload, Codable { var owner: Int }
    let payload = try AnyPayload(AccountOpened(owner: 1))
    let error = #expect(throws: UnreadablePayload.self) {
      try payload.as(ReadmeBank.AccountOpened.self)
    }
    #expect(error?.typeURL == "json/AccountOpened")
    let request = try command(ReceiveDeposit(cents: 1))
    #expect(throws: UnreadablePayload.self) { try decided(request, pages(AccountOpened(owner: 1))) }
  }
}
