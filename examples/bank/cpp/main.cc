// A bank. Outrider hands over an account's past and a command; the answer is what happened. Nothing
// is stored here. Try it:  outrider run -- examples/bank/cpp/run.sh

#include <grpcpp/grpcpp.h>
#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "business_logic.h"
#include "projector.h"

namespace {

std::string Address(const char* variable, const char* otherwise) {
  const char* address = std::getenv(variable);
  return address ? address : otherwise;
}

}  // namespace

int main() {
  // Before gRPC makes its threads, which inherit it: these signals wait for sigwait.
  sigset_t asked;
  sigemptyset(&asked);
  sigaddset(&asked, SIGTERM);
  sigaddset(&asked, SIGINT);
  pthread_sigmask(SIG_BLOCK, &asked, nullptr);

  BusinessLogic logic;
  Projector projector;
  const auto credentials = grpc::InsecureServerCredentials();
  const auto server =
      grpc::ServerBuilder()
          .AddListeningPort(Address("OUTRIDER_LOGIC_ADDRESS", "127.0.0.1:1737"), credentials)
          .AddListeningPort(Address("OUTRIDER_PROJECTOR_ADDRESS", "127.0.0.1:1738"), credentials)
          .RegisterService(&logic)
          .RegisterService(&projector)
          .BuildAndStart();
  if (!server) return EXIT_FAILURE;  // gRPC has said why
  std::cout << "the bank is open" << std::endl;

  int signal;
  sigwait(&asked, &signal);
  server->Shutdown();
}
