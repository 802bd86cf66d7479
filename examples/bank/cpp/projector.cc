// An event book carries the projection that was answered last and the events since, so nothing is
// stored here.

#include "projector.h"

#include "bank.pb.h"

namespace {

void Add(bank::Balance& balance, const google::protobuf::Any& packed) {
  bank::AccountOpened opened;
  bank::DepositReceived deposit;
  bank::CashWithdrawn withdrawal;
  if (packed.UnpackTo(&opened)) {
    balance.set_owner(opened.owner());
  } else if (packed.UnpackTo(&deposit)) {
    balance.set_cents(balance.cents() + deposit.cents());
  } else if (packed.UnpackTo(&withdrawal)) {
    balance.set_cents(balance.cents() - withdrawal.cents());
  } else if (packed.Is<bank::WithdrawalRefused>()) {
    balance.set_refused_withdrawals(balance.refused_withdrawals() + 1);
  }
}

}  // namespace

grpc::Status Projector::HandleSync(grpc::ServerContext*, const evented::EventBook* book,
                                   evented::Projection* answer) {
  bank::Balance balance;
  book->projection().projection().UnpackTo(&balance);  // leaves it as it is for the first events
  for (const auto& page : book->pages()) Add(balance, page.event());
  answer->mutable_projection()->PackFrom(balance);
  return grpc::Status::OK;
}
