# Keeps every account's balance, as a projection that anyone can ask Outrider for.
#
# An event book carries the projection that was answered last and the events since, so nothing is
# stored here.

require 'bank_pb'
require 'evented/evented_services_pb'
require 'google/protobuf/well_known_types'

class Projector < Evented::Projector::Service
  def handle_sync(book, _call)
    balance = book.projection&.projection&.unpack(Bank::Balance) || Bank::Balance.new
    book.pages.each { |page| add(balance, page.Event) }
    Evented::Projection.new(projection: Google::Protobuf::Any.pack(balance))
  end

  private

  def add(balance, event)
    if (opened = event.unpack(Bank::AccountOpened))
      balance.owner = opened.owner
    elsif (deposit = event.unpack(Bank::DepositReceived))
      balance.cents += deposit.cents
    elsif (withdrawal = event.unpack(Bank::CashWithdrawn))
      balance.cents -= withdrawal.cents
    elsif event.is(Bank::WithdrawalRefused)
      balance.refused_withdrawals += 1
    end
  end
end
