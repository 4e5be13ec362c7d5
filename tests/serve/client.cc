#include "tests/serve/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <utility>

namespace catwalk::serve {

Client::Client(uint16_t port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(socket_);
    socket_ = -1;
  }
}

Client::~Client() {
  if (socket_ >= 0) close(socket_);
}

bool Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool Client::ReadMore() {
  std::array<char, 4096> bytes;
  const ssize_t received = recv(socket_, bytes.data(), bytes.size(), 0);
  if (received > 0) buffer_.append(bytes.data(), static_cast<size_t>(received));
  return received > 0;
}

std::string Client::Receive(bool head_only) {
  size_t head_end;
  while ((head_end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!ReadMore()) return std::exchange(buffer_, "");
  }
  size_t size = head_end + 4;
  const size_t length = buffer_.find("Content-Length: ");
  if (!head_only && length < head_end) size += std::strtoul(buffer_.c_str() + length + 16, nullptr, 10);
  while (buffer_.size() < size) {
    if (!ReadMore()) break;
  }
  std::string response = buffer_.substr(0, size);
  buffer_.erase(0, size);
  return response;
}

bool Client::AwaitClose() {
  char byte;
  return buffer_.empty() && recv(socket_, &byte, 1, 0) == 0;
}

std::string Client::Get(const std::string& target) {
  Send("GET " + target + " HTTP/1.1\r\nHost: test\r\n\r\n");
  return Receive();
}

int StatusOf(const std::string& response) {
  return response.starts_with("HTTP/1.") ? std::atoi(response.c_str() + 9) : 0;
}

}  // namespace catwalk::serve
