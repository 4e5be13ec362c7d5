#include "schemas/event_time.h"

#include <gtest/gtest.h>

#include "schemas/codec.h"
#include "schemas/events.pb.h"
#include "schemas/internal.pb.h"
#include "tests/schemas/golden.h"

namespace catwalk::schemas {
namespace {

constexpr int64_t kTime = 1700000000123;

const Golden& GoldenOf(const google::protobuf::Descriptor* type) {
  for (const Golden& golden : Goldens()) {
    if (golden.type == type) return golden;
  }
  ADD_FAILURE() << "no example of " << type->name();
  return Goldens().front();
}

TEST(PeekEventTime, FindsTheTimeOfEveryEventInEveryEncoding) {
  for (const auto* type : {Click::descriptor(), Purchase::descriptor(), Activity::descriptor(), Feedback::descriptor(),
                           Profile::descriptor(), Design::descriptor()}) {
    const Golden& golden = GoldenOf(type);
    EXPECT_EQ(PeekEventTime(golden.Protobuf()), kTime) << type->name();
    EXPECT_EQ(PeekEventTime(golden.Confluent()), kTime) << type->name();
    EXPECT_EQ(PeekEventTime(golden.json), kTime) << type->name();
  }
}

TEST(PeekEventTime, FindsTheTimeOfADesignUpdate) {
  const Golden& golden = GoldenOf(DesignUpdate::descriptor());
  EXPECT_EQ(PeekEventTime(golden.Protobuf(), 2), kTime);
  EXPECT_EQ(PeekEventTime(golden.Confluent(), 2), kTime);
  EXPECT_EQ(PeekEventTime(golden.json, 2), kTime);
}

TEST(PeekEventTime, FindsTheTimeWhateverStandsBeforeIt) {
  EXPECT_EQ(PeekEventTime(FromHex("6500000000" "69000000000000f03f" "a2060161" "2007")), 7);
  EXPECT_EQ(PeekEventTime(FromHex("20ffffffffffffffffff01")), -1);
  for (const char* json :
       {R"({"occurred_at_ms":7})", "{ \"occurred_at_ms\"\t:\r\n 7 }", R"({"occurred_at_ms":"7"})",
        R"({"user_id":"occurred_at_ms","occurred_at_ms":7})", R"({"a":{"occurred_at_ms":1},"occurred_at_ms":7})",
        R"({"a":["occurred_at_ms",{"occurred_at_ms":1}],"occurred_at_ms":7})",
        R"({"a":"\"occurred_at_ms\":1","occurred_at_ms":7})", R"({"a":"}\\","occurred_at_ms":7})"}) {
    EXPECT_EQ(PeekEventTime(json), 7) << json;
  }
}

TEST(PeekEventTime, FindsNothingInGarbage) {
  for (const char* hex : {"", "00", "0000000007", "0a", "0aff", "0a0161", "20", "2080", "22017a", "2500000000", "23",
                          "0100", "20ffffffffffffffffffffff01", "0affffffffffffffffff01", "ffffffffffffffffff0107"}) {
    EXPECT_EQ(PeekEventTime(FromHex(hex)), std::nullopt) << hex;
  }
  for (const char* json : {"{", "{}", R"({"occurred_at_ms)", R"({"occurred_at_ms")", R"({"occurred_at_ms":)",
                           R"({"occurred_at_ms":null})", R"({"occurred_at_ms":"x"})", R"({"occurred_at_ms":1.5e12})",
                           R"({"occurred_at_ms":99999999999999999999})", R"({"a":{"occurred_at_ms":7}})",
                           R"({"a":"\)"}) {
    EXPECT_EQ(PeekEventTime(json), std::nullopt) << json;
  }
}

TEST(PeekInt64, IsForProtobufOnly) {
  EXPECT_EQ(PeekInt64(GoldenOf(DesignUpdate::descriptor()).Protobuf(), 3), 2);
  EXPECT_EQ(PeekInt64(GoldenOf(DesignUpdate::descriptor()).Confluent(), 3), 2);
  EXPECT_EQ(PeekInt64(GoldenOf(DesignUpdate::descriptor()).json, 3), std::nullopt);
}

TEST(PeekString, FindsAFieldWithoutDecoding) {
  const Golden& golden = GoldenOf(Click::descriptor());
  std::string_view found;
  const std::string protobuf = golden.Protobuf();
  ASSERT_TRUE(PeekString(protobuf, 2, &found));
  EXPECT_EQ(found, "u1");
  EXPECT_GE(found.data(), protobuf.data());
  const std::string confluent = golden.Confluent();
  ASSERT_TRUE(PeekString(confluent, 10, &found));
  EXPECT_EQ(found, "e0");
}

TEST(PeekString, FindsNothingWhereThereIsNone) {
  const Golden& golden = GoldenOf(Click::descriptor());
  std::string_view found = "untouched";
  EXPECT_FALSE(PeekString(golden.Protobuf(), 4, &found));   // a number
  EXPECT_FALSE(PeekString(golden.Protobuf(), 99, &found));
  EXPECT_FALSE(PeekString(golden.json, 2, &found));
  EXPECT_FALSE(PeekString("", 2, &found));
  EXPECT_FALSE(PeekString(FromHex("1205" "6162"), 2, &found));  // cut off
  EXPECT_EQ(found, "untouched");
}

}  // namespace
}  // namespace catwalk::schemas
