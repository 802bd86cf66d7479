# A bank: decides what a command does to an account.
#
# Outrider hands over the account's past and a command; the answer is what happened. Nothing is
# stored here. Try it:  outrider run -- examples/bank/ruby/run.sh

require 'bank_pb'
require 'evented/evented_services_pb'
require 'google/protobuf/well_known_types'
require_relative 'projector'

class BusinessLogic < Evented::BusinessLogic::Service
  SNAPSHOT_EVERY = 100 # events

  COMMANDS = [Bank::OpenAccount, Bank::ReceiveDeposit, Bank::WithdrawCash].freeze
  EVENTS = [Bank::AccountOpened, Bank::DepositReceived, Bank::CashWithdrawn, Bank::WithdrawalRefused].freeze

  def handle(request, _call)
    past, command = request.events, request.command
    account, seen = replay(past)

    answer = Evented::EventBook.new(cover: command.cover)
    command.pages.each do |page|
      event = decide(account, unpack(page.command, COMMANDS))
      apply(account, event)
      answer.pages << Evented::EventPage.new(
        Event: Google::Protobuf::Any.pack(event), synchronous: page.synchronous)
    end

    if past.pages.size >= SNAPSHOT_EVERY
      last = seen + answer.pages.size - 1 # the last event that the state includes
      answer.snapshot = Evented::Snapshot.new(sequence: last, state: Google::Protobuf::Any.pack(account))
    end
    answer
  end

  private

  # The account's state, and how many events it includes.
  def replay(past)
    account, seen = Bank::Account.new, 0
    if past.snapshot
      account = past.snapshot.state.unpack(Bank::Account)
      seen = past.snapshot.sequence + 1
    end
    past.pages.each { |page| apply(account, unpack(page.Event, EVENTS)) }
    [account, seen + past.pages.size]
  end

  # What a command does: the account's state and the command in, an event out.
  def decide(account, command)
    case command
    when Bank::OpenAccount
      raise GRPC::FailedPrecondition, 'the account is open already' if account.open

      Bank::AccountOpened.new(owner: command.owner)
    when Bank::ReceiveDeposit
      check(account, command.cents)
      Bank::DepositReceived.new(cents: command.cents)
    when Bank::WithdrawCash
      check(account, command.cents)
      if command.cents > account.cents
        Bank::WithdrawalRefused.new(cents: command.cents, reason: 'the balance is too low')
      else
        Bank::CashWithdrawn.new(cents: command.cents)
      end
    end
  end

  def check(account, cents)
    raise GRPC::FailedPrecondition, 'there is no such account' unless account.open
    raise GRPC::InvalidArgument, "cents must be positive, not #{cents}" unless cents.positive?
  end

  # What an event does to the account's state.
  def apply(account, event)
    case event
    when Bank::AccountOpened
      account.open = true
      account.owner = event.owner
    when Bank::DepositReceived
      account.cents += event.cents
    when Bank::CashWithdrawn
      account.cents -= event.cents
    end
  end

  # The message inside a google.protobuf.Any.
  def unpack(packed, types)
    type = types.find { |each| packed.is(each) }
    raise GRPC::InvalidArgument, "a bank knows no #{packed.type_name}" unless type

    packed.unpack(type)
  end
end

server = GRPC::RpcServer.new
server.add_http2_port(ENV.fetch('OUTRIDER_LOGIC_ADDRESS', '127.0.0.1:1737'), :this_port_is_insecure)
server.add_http2_port(ENV.fetch('OUTRIDER_PROJECTOR_ADDRESS', '127.0.0.1:1738'), :this_port_is_insecure)
server.handle(BusinessLogic)
server.handle(Projector)
$stdout.sync = true
puts 'the bank is open'
server.run_till_terminated_or_interrupted(%w[TERM INT])
