#include "tests/testing/free_port.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "tests/testing/matchers.h"

namespace catwalk::tests {
namespace {

/// Binds and listens on 127.0.0.1: the socket, or -1.
int ListenOn(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 && listen(fd, 1) == 0) return fd;
  close(fd);
  return -1;
}

TEST(FreePort, CanBeListenedOnAndIsBelowTheOutgoingOnes) {
  const Result<uint16_t> port = FreePort();
  ASSERT_THAT(port, IsOk());
  EXPECT_GE(*port, 20'000);
  EXPECT_LE(*port, 32'000);
  const int fd = ListenOn(*port);
  EXPECT_GE(fd, 0);
  close(fd);
}

}  // namespace
}  // namespace catwalk::tests
