#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "schemas/codec.h"
#include "schemas/event_time.h"
#include "schemas/rules.h"
#include "tests/schemas/golden.h"

namespace catwalk::schemas {
namespace {

constexpr size_t kInputs = 100'000;

/// Byte strings, random or mutated from the examples in every encoding; the same ones in every run.
class Inputs {
 public:
  Inputs() {
    for (const Golden& golden : Goldens()) {
      for (const std::string& bytes : {golden.Protobuf(), golden.Confluent(), golden.json}) corpus_.push_back(bytes);
    }
  }

  std::string Next() {
    if (Below(5) == 0) return Random();
    std::string bytes = corpus_[Below(corpus_.size())];
    for (size_t left = 1 + Below(4); left > 0; --left) Mutate(&bytes);
    return bytes;
  }

 private:
  /// The engine's output is fixed by the standard, a distribution's is not.
  size_t Below(size_t bound) { return static_cast<size_t>(engine_()) % bound; }
  char Byte() { return static_cast<char>(Below(256)); }

  std::string Random() {
    constexpr char kFirst[] = {'\0', '{', '\n'};
    std::string bytes(Below(64), '\0');
    for (char& byte : bytes) byte = Byte();
    if (!bytes.empty() && Below(2) == 0) bytes[0] = kFirst[Below(3)];
    return bytes;
  }

  void Mutate(std::string* bytes) {
    if (bytes->empty()) bytes->push_back(Byte());
    const size_t at = Below(bytes->size());
    switch (Below(6)) {
      case 0: (*bytes)[at] = Byte(); break;
      case 1: (*bytes)[at] = static_cast<char>((*bytes)[at] ^ (1 << Below(8))); break;
      case 2: bytes->erase(at, 1 + Below(8)); break;
      case 3: bytes->insert(at, 1 + Below(8), Byte()); break;
      case 4: bytes->resize(at); break;
      default: Splice(at, bytes); break;
    }
  }

  /// Goes on with another example from here.
  void Splice(size_t at, std::string* bytes) {
    const std::string& other = corpus_[Below(corpus_.size())];
    bytes->replace(at, std::string::npos, other, Below(other.size()), std::string::npos);
  }

  std::mt19937_64 engine_{20240229};
  std::vector<std::string> corpus_;
};

/// True if the bytes were accepted.
bool Accepts(std::string_view bytes, google::protobuf::Message* message) {
  const auto violation = Decode(bytes, message);
  if (!violation) return true;
  EXPECT_TRUE(violation->rule == kUndecodable || violation->rule == kUnknownEnum) << violation->rule;
  EXPECT_EQ(violation->message.find('\n'), std::string::npos);
  return false;
}

/// What was accepted can be written and read again, to the same bytes.
void ExpectRoundTrips(const google::protobuf::Message& message, google::protobuf::Message* again) {
  std::string first;
  std::string second;
  EXPECT_TRUE(Encode(message, Encoding::kConfluent, 1, &first).ok());
  EXPECT_FALSE(Decode(first, again));
  EXPECT_TRUE(Encode(*again, Encoding::kConfluent, 1, &second).ok());
  EXPECT_EQ(first, second);
  std::string json;
  std::string json_again;
  AppendJson(message, &json);
  EXPECT_FALSE(Decode(json, again)) << json;
  AppendJson(*again, &json_again);
  EXPECT_TRUE(json == json_again || json.find("null") != std::string::npos) << json << "\n" << json_again;
}

TEST(Fuzz, NeverCrashesADecoder) {
  google::protobuf::LogSilencer quiet;  // Protobuf logs invalid UTF-8
  std::vector<std::unique_ptr<google::protobuf::Message>> messages;
  for (const Golden& golden : Goldens()) messages.push_back(golden.NewMessage());
  Inputs inputs;
  size_t accepted = 0;
  for (size_t i = 0; i < kInputs; ++i) {
    const std::string input = inputs.Next();
    const std::vector<char> block(input.begin(), input.end());  // exactly as large, so that the sanitizer sees its end
    const std::string_view bytes(block.data(), block.size());
    for (size_t m = 0; m < messages.size(); ++m) {
      if (!Accepts(bytes, messages[m].get())) continue;
      if (++accepted % 8 != 0) continue;  // for the sake of time
      const std::unique_ptr<google::protobuf::Message> again(messages[m]->New());
      ExpectRoundTrips(*messages[m], again.get());
    }
    ASSERT_FALSE(HasFailure()) << "input " << i;
  }
  EXPECT_GT(accepted, kInputs);  // else it was only the first byte that was tested
  EXPECT_LT(accepted, kInputs * messages.size() / 2);
}

TEST(Fuzz, NeverCrashesAGlanceOrARule) {
  google::protobuf::LogSilencer quiet;
  Inputs inputs;
  size_t found = 0;
  size_t broken = 0;
  for (size_t i = 0; i < kInputs; ++i) {
    const std::string input = inputs.Next();
    const std::vector<char> block(input.begin(), input.end());
    const std::string_view value(block.data(), block.size());
    std::string_view text;
    for (uint32_t field = 1; field <= 5; ++field) {
      found += (PeekEventTime(value, field) ? 1U : 0U) + (PeekInt64(value, field) ? 1U : 0U);
      if (PeekString(value, field, &text)) {
        ASSERT_GE(text.data(), value.data());
        ASSERT_LE(text.data() + text.size(), value.data() + value.size());
      }
    }
    for (int topic = 0; topic <= static_cast<int>(Topic::kDesigns); ++topic) {
      broken += CheckValue(static_cast<Topic>(topic), value, 1700000000000) ? 1U : 0U;
    }
  }
  EXPECT_GT(found, kInputs);
  EXPECT_GT(broken, kInputs);
  EXPECT_LT(broken, 6 * kInputs);
}

}  // namespace
}  // namespace catwalk::schemas
