#pragma once

#include "evented/evented.grpc.pb.h"

// Keeps every account's balance, as a projection that anyone can ask Outrider for.
class Projector final : public evented::Projector::Service {
 public:
  grpc::Status HandleSync(grpc::ServerContext* context, const evented::EventBook* book,
                          evented::Projection* answer) override;
};
