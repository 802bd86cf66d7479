// gRPC C++ with its callback API, for measuring:
//   cpp-echo server ADDRESS [CERTIFICATE KEY]
//   cpp-echo client ADDRESS CONNECTIONS IN-FLIGHT SECONDS
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "echo.h"

int main(int count, char** arguments) {
  if (count == 3 && !std::strcmp(arguments[1], "server")) Serve(arguments[2], "", "");
  if (count == 5 && !std::strcmp(arguments[1], "server")) Serve(arguments[2], arguments[3], arguments[4]);
  if (count != 6 || std::strcmp(arguments[1], "client")) {
    std::fputs("usage: cpp-echo server|client ADDRESS ...\n", stderr);
    return 2;
  }
  Load(arguments[2], std::atoi(arguments[3]), std::atoi(arguments[4]), std::atof(arguments[5]));
}
