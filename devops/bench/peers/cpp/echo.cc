// The echo server on gRPC C++, with its callback API: cpp-echo PORT.
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <string>
#include <vector>

#include "echo.grpc.pb.h"

namespace {

using grpc::ByteBuffer;
using Service = echo::Echo::WithRawCallbackMethod_Say<
    echo::Echo::WithRawCallbackMethod_Chat<echo::Echo::WithRawCallbackMethod_Feed<echo::Echo::Service>>>;

class Chat : public grpc::ServerBidiReactor<ByteBuffer, ByteBuffer> {
 public:
  Chat() { StartRead(&message_); }
  void OnReadDone(bool ok) override {
    if (ok) StartWrite(&message_);
    else Finish(grpc::Status::OK);
  }
  void OnWriteDone(bool ok) override {
    message_.Clear();
    if (ok) StartRead(&message_);
    else Finish(grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  ByteBuffer message_;
};

class Feed : public grpc::ServerWriteReactor<ByteBuffer> {
 public:
  explicit Feed(const ByteBuffer* request) {
    std::vector<grpc::Slice> slices;
    request->Dump(&slices);
    for (const auto& slice : slices)
      for (size_t at = 0; at < slice.size(); at++) left_ = left_ << 8 | slice.begin()[at];
    grpc::Slice body(std::string(100, '\0'));
    message_ = ByteBuffer(&body, 1);
    Next();
  }
  void OnWriteDone(bool ok) override {
    if (ok) Next();
    else Finish(grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  void Next() {
    if (left_ == 0) return Finish(grpc::Status::OK);
    left_--;
    StartWrite(&message_);
  }
  uint32_t left_ = 0;
  ByteBuffer message_;
};

class Echo final : public Service {
  grpc::ServerUnaryReactor* Say(grpc::CallbackServerContext* context, const ByteBuffer* request,
                                ByteBuffer* response) override {
    *response = *request;
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* Chat(grpc::CallbackServerContext*) override {
    return new ::Chat();
  }
  grpc::ServerWriteReactor<ByteBuffer>* Feed(grpc::CallbackServerContext*, const ByteBuffer* request) override {
    return new ::Feed(request);
  }
};

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) return 1;
  Echo service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(std::string("127.0.0.1:") + arguments[1], grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  builder.BuildAndStart()->Wait();
}
