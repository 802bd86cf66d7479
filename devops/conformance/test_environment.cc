// What the C++ peers need of gRPC's own test environment, which does more than an interop program wants.
#include "test/core/util/test_config.h"

namespace grpc::testing {
TestEnvironment::TestEnvironment(int*, char**) {}
TestEnvironment::~TestEnvironment() = default;
}  // namespace grpc::testing
