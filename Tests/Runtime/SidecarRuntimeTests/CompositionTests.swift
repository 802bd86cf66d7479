import EventModel
import Logging
import SidecarConfiguration
import Testing

@testable import SidecarRuntime

@Suite(.timeLimit(.minutes(5))) struct CompositionTests {
  /// Composes a process that plays these roles.
  private func compose(
    _ roles: Set<Role>, on store: StoreLocation = .memory,
    of domains: [DomainConfiguration]? = nil, _ body: (Composition) -> Void
  ) async throws {
    var configuration = Configuration()
    configuration.domains = domains ?? configuration.domains
    configuration.store = store
    configuration.threads = 1
    let composition = try Composition(
      configuration, roles: roles, version: "1",
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    body(composition)
    await composition.shared.close()
  }

  @Test func everyRoleIsThereOnce() {
    #expect(Composition.all.count == Role.allCases.count)
    #expect(Set(Composition.all.map { $0.role }) == Set(Role.allCases))
  }

  @Test func rolesOfOneProcessFindEachOther() async throws {
    try await compose([.commandHandler, .projector]) { composition in
      let roles = composition.shared.roles
      #expect(roles.find(ProjectorRole.self) != nil)
      #expect(roles.find(CommandHandlerRole.self) != nil)
      #expect(roles.find(SagaRole.self) == nil)
    }
  }

  @Test func watchOfProjectorsStartsBeforeThoseOfCommandsAndSagas() async throws {
    try await compose([.saga, .commandHandler, .projector]) { composition in
      let watches = composition.services.compactMap { $0 as? DomainWatch }
      #expect(watches.count == 4)
      let roles = composition.shared.roles
      #expect(watches[0] === roles.find(ProjectorRole.self)?.watch)
      #expect(watches[1] === roles.find(CommandHandlerRole.self)?.carrying)
    }
  }

  @Test func noDomainIsOpenedForProjectorsThatItDoesNotHave() async throws {
    let domains = [
      DomainConfiguration(name: "bank", projectors: [ProjectorConfiguration()]),
      DomainConfiguration(name: "stock"),
    ]
    try await compose([.projector], of: domains) { composition in
      let directory = composition.shared.directory
      #expect(directory.projects("bank"))
      #expect(!directory.projects("stock"))
      #expect(directory.serves("stock"))
    }
  }

  @Test func gatewayAloneStoresNothing() async throws {
    // No store can be opened there.
    try await compose([.gateway], on: .sqlite(directory: "/dev/null/store")) { composition in
      #expect(composition.shared.configuration.store == .memory)
    }
  }
}
