#pragma once

#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/message.h>

namespace catwalk::schemas {

/// One example of a message and what it must look like on a topic, for as long as topics are kept. The Protobuf bytes
/// are protoc's (--encode --deterministic_output), the others are written by hand.
struct Golden {
  const google::protobuf::Descriptor* type;
  std::string text;             // Protobuf's text format
  std::string protobuf_hex;
  std::string indexes_hex;      // in Confluent's frame
  std::string json;

  std::string Protobuf() const;
  /// Framed with schema id 0x01020304.
  std::string Confluent() const;
  /// An empty message of the type.
  std::unique_ptr<google::protobuf::Message> NewMessage() const;
  /// The example itself.
  std::unique_ptr<google::protobuf::Message> Message() const;
};

/// One for each message that is the value of a record.
const std::vector<Golden>& Goldens();

/// Printed as its type's name in test output.
void PrintTo(const Golden& golden, std::ostream* out);

std::string FromHex(std::string_view hex);

}  // namespace catwalk::schemas
