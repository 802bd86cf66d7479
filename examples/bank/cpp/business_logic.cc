#include "business_logic.h"

#include <cstdint>
#include <string>
#include <variant>

#include "bank.pb.h"

namespace {

constexpr int kSnapshotEvery = 100;  // events

using Command = std::variant<bank::OpenAccount, bank::ReceiveDeposit, bank::WithdrawCash>;
using Event = std::variant<bank::AccountOpened, bank::DepositReceived, bank::CashWithdrawn,
                           bank::WithdrawalRefused>;

struct Refused {
  grpc::Status status;

  Refused(grpc::StatusCode code, const std::string& message) : status(code, message) {}
};

void RequireOpen(const bank::Account& account) {
  if (!account.open())
    throw Refused(grpc::StatusCode::FAILED_PRECONDITION, "there is no such account");
}

void RequirePositive(int64_t cents) {
  if (cents <= 0)
    throw Refused(grpc::StatusCode::INVALID_ARGUMENT,
                  "cents must be positive, not " + std::to_string(cents));
}

// What each command does: the account's state and the command in, an event out.

Event Decide(const bank::Account& account, const bank::OpenAccount& command) {
  if (account.open())
    throw Refused(grpc::StatusCode::FAILED_PRECONDITION, "the account is open already");
  bank::AccountOpened event;
  event.set_owner(command.owner());
  return event;
}

Event Decide(const bank::Account& account, const bank::ReceiveDeposit& command) {
  RequireOpen(account);
  RequirePositive(command.cents());
  bank::DepositReceived event;
  event.set_cents(command.cents());
  return event;
}

Event Decide(const bank::Account& account, const bank::WithdrawCash& command) {
  RequireOpen(account);
  RequirePositive(command.cents());
  if (command.cents() > account.cents()) {
    bank::WithdrawalRefused event;
    event.set_cents(command.cents());
    event.set_reason("the balance is too low");
    return event;
  }
  bank::CashWithdrawn event;
  event.set_cents(command.cents());
  return event;
}

// What each event does to the account's state.

void Apply(bank::Account& account, const bank::AccountOpened& event) {
  account.set_open(true);
  account.set_owner(event.owner());
}

void Apply(bank::Account& account, const bank::DepositReceived& event) {
  account.set_cents(account.cents() + event.cents());
}

void Apply(bank::Account& account, const bank::CashWithdrawn& event) {
  account.set_cents(account.cents() - event.cents());
}

void Apply(bank::Account&, const bank::WithdrawalRefused&) {}

// The message inside a google.protobuf.Any: one of those that the variant holds.
template <typename OneOf, size_t Index = 0>
OneOf Unpack(const google::protobuf::Any& packed) {
  if constexpr (Index < std::variant_size_v<OneOf>) {
    std::variant_alternative_t<Index, OneOf> message;
    if (packed.UnpackTo(&message)) return message;
    return Unpack<OneOf, Index + 1>(packed);
  } else {
    const std::string& url = packed.type_url();
    throw Refused(grpc::StatusCode::INVALID_ARGUMENT,
                  "a bank knows no " + url.substr(url.rfind('/') + 1));
  }
}

void Handle(const evented::EventBook& past, const evented::CommandBook& command,
            evented::EventBook& answer) {
  bank::Account account;  // the state,
  uint32_t seen = 0;      // and how many events it includes
  if (past.has_snapshot()) {
    past.snapshot().state().UnpackTo(&account);
    seen = past.snapshot().sequence() + 1;
  }
  for (const auto& page : past.pages()) {
    std::visit([&](const auto& event) { Apply(account, event); }, Unpack<Event>(page.event()));
    ++seen;
  }

  *answer.mutable_cover() = command.cover();
  for (const auto& page : command.pages()) {
    const Event decided = std::visit([&](const auto& order) { return Decide(account, order); },
                                     Unpack<Command>(page.command()));
    auto& happened = *answer.add_pages();
    happened.set_synchronous(page.synchronous());
    std::visit(
        [&](const auto& event) {
          Apply(account, event);
          happened.mutable_event()->PackFrom(event);
        },
        decided);
  }

  if (past.pages_size() >= kSnapshotEvery) {
    auto& snapshot = *answer.mutable_snapshot();
    snapshot.set_sequence(seen + answer.pages_size() - 1);  // the last event it includes
    snapshot.mutable_state()->PackFrom(account);
  }
}

}  // namespace

grpc::Status BusinessLogic::Handle(grpc::ServerContext*, const evented::ContextualCommand* request,
                                   evented::EventBook* answer) {
  try {
    ::Handle(request->events(), request->command(), *answer);
    return grpc::Status::OK;
  } catch (const Refused& refusal) {
    return refusal.status;
  }
}
