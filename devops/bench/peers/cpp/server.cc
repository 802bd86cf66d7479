// The echo server on gRPC C++, with its callback API.
#include <grpcpp/grpcpp.h>

#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "echo.grpc.pb.h"
#include "echo.h"

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
    auto* reactor = context->DefaultReactor();
    if (request->Valid()) *response = *request;
    // A call may be cut off before its request has come.
    reactor->Finish(request->Valid() ? grpc::Status::OK : grpc::Status::CANCELLED);
    return reactor;
  }
  grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* Chat(grpc::CallbackServerContext*) override {
    return new ::Chat();
  }
  grpc::ServerWriteReactor<ByteBuffer>* Feed(grpc::CallbackServerContext*, const ByteBuffer* request) override {
    return new ::Feed(request);
  }
};

std::string Contents(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::shared_ptr<grpc::ServerCredentials> Credentials(const std::string& certificate, const std::string& key) {
  if (certificate.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({Contents(key), Contents(certificate)});
  return grpc::SslServerCredentials(options);
}

}  // namespace

void Serve(const std::string& address, const std::string& certificate, const std::string& key) {
  Echo service;
  grpc::ServerBuilder builder;
  builder.AddListeningPort(address, Credentials(certificate, key));
  builder.RegisterService(&service);
  builder.BuildAndStart()->Wait();
}
