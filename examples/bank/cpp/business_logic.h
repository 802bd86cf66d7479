#pragma once

#include "evented/evented.grpc.pb.h"

// Decides what a command does to an account.
class BusinessLogic final : public evented::BusinessLogic::Service {
 public:
  grpc::Status Handle(grpc::ServerContext* context, const evented::ContextualCommand* request,
                      evented::EventBook* answer) override;
};
