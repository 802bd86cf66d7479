// Unary calls on gRPC C++, with its callback API.
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "echo.h"

namespace {

using grpc::ByteBuffer;

double CPUSeconds() {
  timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return used.tv_sec + used.tv_nsec / 1e9;
}

// One call after the other, until told to stop.
class Caller {
 public:
  Caller(std::shared_ptr<grpc::Channel> channel, std::atomic<long>& answered, std::atomic<bool>& stopping,
         std::atomic<int>& running)
      : stub_(channel), answered_(answered), stopping_(stopping), running_(running) {
    grpc::Slice body(std::string(100, '\0'));
    request_ = ByteBuffer(&body, 1);
    running_++;
  }

  void Call() {
    context_ = std::make_unique<grpc::ClientContext>();
    response_.Clear();
    stub_.UnaryCall(context_.get(), "/echo.Echo/Say", grpc::StubOptions(), &request_, &response_,
                    [this](grpc::Status status) { Answered(status); });
  }

 private:
  void Answered(const grpc::Status& status) {
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", status.error_message().c_str());
      std::exit(1);
    }
    answered_++;
    if (stopping_) running_--;
    else Call();
  }

  grpc::GenericStub stub_;
  std::unique_ptr<grpc::ClientContext> context_;
  ByteBuffer request_, response_;
  std::atomic<long>& answered_;
  std::atomic<bool>& stopping_;
  std::atomic<int>& running_;
};

void Sleep(double seconds) { std::this_thread::sleep_for(std::chrono::duration<double>(seconds)); }

}  // namespace

void Load(const std::string& address, int connections, int in_flight, double seconds) {
  std::atomic<long> answered{0};
  std::atomic<bool> stopping{false};
  std::atomic<int> running{0};
  std::vector<std::unique_ptr<Caller>> callers;
  for (int connection = 0; connection < connections; connection++) {
    grpc::ChannelArguments options;
    options.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // or all channels share a connection
    auto channel = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), options);
    for (int call = 0; call < in_flight; call++)
      callers.push_back(std::make_unique<Caller>(channel, answered, stopping, running));
  }
  for (auto& caller : callers) caller->Call();
  Sleep(1);
  long before = answered;
  double cpu = CPUSeconds();
  auto begin = std::chrono::steady_clock::now();
  Sleep(seconds);
  long count = answered - before;
  double used = CPUSeconds() - cpu;
  std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  stopping = true;
  while (running > 0) Sleep(0.01);
  std::printf("{\"per_second\": %f, \"client_cpu_us\": %f}\n", count / elapsed.count(), used / count * 1e6);
}
