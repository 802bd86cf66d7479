#pragma once

#include <string>

// Serves echo.Echo for ever; in the clear where there is no certificate.
void Serve(const std::string& address, const std::string& certificate, const std::string& key);

// Keeps so many calls in flight on each of so many connections, and prints what it measured as JSON.
void Load(const std::string& address, int connections, int in_flight, double seconds);
