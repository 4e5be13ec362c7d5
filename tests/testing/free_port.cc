#include "tests/testing/free_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>

namespace catwalk::tests {
namespace {

constexpr uint16_t kLowest = 20'000;
constexpr uint16_t kHighest = 32'000;  // Linux gives outgoing connections 32,768 and up
constexpr int kTries = 100;

bool IsFree(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  close(fd);
  return bound;
}

}  // namespace

Result<uint16_t> FreePort() {
  std::random_device device;  // tests run at the same time must not try the same ports
  std::uniform_int_distribution<uint16_t> any(kLowest, kHighest);
  for (int i = 0; i < kTries; ++i) {
    const uint16_t port = any(device);
    if (IsFree(port)) return port;
  }
  return Status(Code::kAddressInUse, "no free port on 127.0.0.1; end what listens on ports 20000-32000");
}

}  // namespace catwalk::tests
