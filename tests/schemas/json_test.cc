#include <cmath>
#include <functional>
#include <limits>

#include <gmock/gmock.h>
#include <google/protobuf/util/message_differencer.h>
#include <google/protobuf/wrappers.pb.h>
#include <gtest/gtest.h>

#include "schemas/codec.h"
#include "schemas/events.pb.h"
#include "schemas/internal.pb.h"
#include "schemas/outputs.pb.h"
#include "tests/schemas/golden.h"

namespace catwalk::schemas {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

template <class M>
M Read(std::string_view json) {
  M message;
  const auto violation = Decode(json, &message);
  EXPECT_FALSE(violation) << violation->message << " in " << json;
  return message;
}

template <class M>
std::string Refusal(std::string_view json) {
  M message;
  const auto violation = Decode(json, &message);
  return violation ? std::string(violation->rule) + " " + violation->message : "accepted";
}

std::string Json(const Message& message) {
  std::string json;
  AppendJson(message, &json);
  return json;
}

std::string JsonString(std::string_view text) {
  std::string json;
  AppendJsonString(text, &json);
  return json;
}

TEST(JsonIn, IgnoresMembersItDoesNotKnow) {
  const auto click = Read<Click>(R"({"eventId":"x","more":{"event_id":[1,{}]},"event_id":"e","":null} )");
  EXPECT_EQ(click.event_id(), "e");
}

TEST(JsonIn, TakesNullForAbsent) {
  const auto feedback = Read<Feedback>(R"({"event_id":null,"rating":null,"like":null,"fit":null})");
  EXPECT_FALSE(feedback.has_rating());
  EXPECT_FALSE(feedback.has_like());
  const auto profile = Read<Profile>(R"({"attributes":{"a":null,"b":"2"},"consents":null})");
  EXPECT_EQ(profile.attributes().size(), 1U);
  EXPECT_EQ(profile.consents_size(), 0);
}

TEST(JsonIn, KeepsAnOptionalZeroApartFromNone) {
  const auto feedback = Read<Feedback>(R"({"rating":0,"like":false})");
  EXPECT_TRUE(feedback.has_rating());
  EXPECT_TRUE(feedback.has_like());
  EXPECT_FALSE(Read<Feedback>("{}").has_rating());
}

TEST(JsonIn, ReadsIntegersFromNumbersAndStrings) {
  for (const char* json : {R"({"occurred_at_ms":1700000000123})", R"({"occurred_at_ms":"1700000000123"})",
                           R"({"occurred_at_ms":1700000000123.0})", R"({"occurred_at_ms":1.700000000123e12})"}) {
    EXPECT_EQ(Read<Click>(json).occurred_at_ms(), 1700000000123) << json;
  }
  EXPECT_EQ(Read<Click>(R"({"occurred_at_ms":-9223372036854775808})").occurred_at_ms(),
            std::numeric_limits<int64_t>::min());
  EXPECT_EQ(Read<DesignUpdate>(R"({"recent":[18446744073709551615,"18446744073709551615"]})").recent(1),
            std::numeric_limits<uint64_t>::max());
}

TEST(JsonIn, RefusesIntegersThatDoNotFit) {
  for (const char* json : {R"({"position":2147483648})", R"({"position":1.5})", R"({"position":"1x"})",
                           R"({"position":""})", R"({"position":1e300})", R"({"position":true})"}) {
    const auto* start = R"(undecodable "position": expected an integer of 32 bits, found )";
    EXPECT_THAT(Refusal<Click>(json), testing::StartsWith(start)) << json;
  }
  EXPECT_THAT(Refusal<Click>(R"({"occurred_at_ms":9223372036854775808})"), testing::StartsWith("undecodable"));
  EXPECT_THAT(Refusal<Click>(R"({"occurred_at_ms":9007199254740994.0})"), testing::StartsWith("undecodable"));
  EXPECT_THAT(Refusal<DesignUpdate>(R"({"recent":[-1]})"), testing::StartsWith(R"(undecodable "recent[0]")"));
}

TEST(JsonIn, ReadsDoublesFromAnyNumberAndFromStrings) {
  EXPECT_EQ(Read<Click>(R"({"dwell_ms":3})").dwell_ms(), 3.0);
  EXPECT_EQ(Read<Click>(R"({"dwell_ms":0.1})").dwell_ms(), 0.1);
  EXPECT_EQ(Read<Click>(R"({"dwell_ms":"1e3"})").dwell_ms(), 1000.0);
  EXPECT_EQ(Read<Click>(R"({"dwell_ms":18446744073709551615})").dwell_ms(), 18446744073709551616.0);
  EXPECT_TRUE(std::isnan(Read<Click>(R"({"dwell_ms":"NaN"})").dwell_ms()));
}

TEST(JsonIn, NarrowsToTheNearestFloat) {
  const auto read = [](const std::string& digits) {
    return Read<DesignUpdate>(R"({"weight":)" + digits + "}").weight();
  };
  EXPECT_EQ(read("0.1"), 0.1F);
  EXPECT_EQ(read("3.4028235e38"), std::numeric_limits<float>::max());
  EXPECT_EQ(read("3.4028236e38"), std::numeric_limits<float>::infinity());
  EXPECT_EQ(read("-3.4028235e38"), std::numeric_limits<float>::lowest());
  EXPECT_EQ(read("-1e300"), -std::numeric_limits<float>::infinity());
}

TEST(JsonIn, ReadsEnumerationsFromWordsAndNumbers) {
  for (const char* json : {R"({"action":"try-on"})", R"({"action":"TRY_ON"})", R"({"action":"Try_On"})",
                           R"({"action":"ACTION_TRY_ON"})", R"({"action":6})"}) {
    EXPECT_EQ(Read<Click>(json).action(), Click::ACTION_TRY_ON) << json;
  }
  EXPECT_EQ(static_cast<int>(Read<Click>(R"({"action":99})").action()), 99);
}

TEST(JsonIn, NamesTheMemberAndTheWordsOfAnUnknownWord) {
  EXPECT_EQ(Refusal<Purchase>(R"({"kind":"lease"})"),
            R"(unknown_enum "kind": unknown word "lease", one of purchase, rental, return)");
}

TEST(JsonIn, NamesTheMemberOfWhatItCannotRead) {
  EXPECT_EQ(Refusal<Click>(R"({"user_id":42})"), R"(undecodable "user_id": expected a string, found 42)");
  EXPECT_EQ(Refusal<Click>(R"({"user_id":{"id":1}})"), R"(undecodable "user_id": expected a string, found an object)");
  EXPECT_EQ(Refusal<Feedback>(R"({"like":"maybe"})"), R"(undecodable "like": expected true or false, found "maybe")");
  EXPECT_EQ(Refusal<Click>(R"({"action":true})"), R"(undecodable "action": expected a word, found true)");
  EXPECT_EQ(Refusal<Profile>(R"({"consents":"all"})"), R"(undecodable "consents": expected an array, found "all")");
  EXPECT_EQ(Refusal<Profile>(R"({"consents":["a",null]})"),
            R"(undecodable "consents[1]": expected a string, found null)");
  EXPECT_EQ(Refusal<Profile>(R"({"attributes":[]})"),
            R"(undecodable "attributes": expected an object, found an array)");
  EXPECT_EQ(Refusal<Profile>(R"({"attributes":{"a\n":1}})"),
            R"(undecodable "attributes.a\n": expected a string, found 1)");
  EXPECT_EQ(Refusal<Recommendation>(R"({"items":[{},{"reasons":[[]]}]})"),
            R"(undecodable "items[1].reasons[0]": expected a string, found an array)");
}

TEST(JsonIn, QuotesOnlyTheStartOfWhatIsLong) {
  const std::string refusal = Refusal<Purchase>(R"({"kind":")" + std::string(100'000, 'x') + R"("})");
  EXPECT_LT(refusal.size(), 200U);
}

TEST(JsonIn, RefusesWhatIsNoJson) {
  for (const char* json : {"{", "{]", R"({"a":1)", R"({"a" 1})", R"({"a":1}{"a":2})", R"({"a":1} x)",
                           "{\"a\":\"\xC3\x28\"}", R"({"a":tru})", R"({'a':1})", R"({"a":1,})", R"({"a":"\ud800"})"}) {
    EXPECT_THAT(Refusal<Click>(json), testing::StartsWith("undecodable starts with { but is not a JSON object"))
        << json;
  }
}

TEST(JsonIn, SurvivesDeepNesting) {
  std::string json = R"({"unknown":)";
  for (int i = 0; i < 100'000; ++i) json += '[';
  EXPECT_THAT(Refusal<Click>(json), testing::StartsWith("undecodable"));
}

TEST(JsonIn, LetsTheLastOfSeveralAlikeCount) {
  EXPECT_EQ(Read<Click>(R"({"event_id":"a","event_id":"b"})").event_id(), "b");
  EXPECT_THAT(Read<Design>(R"({"sizes":["a"],"sizes":["b"]})").sizes(), testing::ElementsAre("b"));
  EXPECT_EQ(Read<Profile>(R"({"attributes":{"k":"1","k":"2"}})").attributes().at("k"), "2");
  EXPECT_TRUE(Read<DesignTableRecord>(R"({"factor":{},"neighbours":{}})").has_neighbours());
}

TEST(JsonIn, ReadsEscapes) {
  EXPECT_EQ(Read<Click>(R"({"\u0065vent_id":"\u00e9\ud83d\ude00\"\\\/\n"})").event_id(), "\u00e9\U0001F600\"\\/\n");
}

TEST(JsonOut, AlwaysWritesTheFirstFourFields) {
  EXPECT_EQ(Json(Click()), R"({"event_id":"","user_id":"","design_id":"","occurred_at_ms":0})");
  EXPECT_EQ(Json(Recommendation()), R"({"user_id":"","event_id":"","generated_at_ms":0,"items":[]})");
  EXPECT_EQ(Json(DesignTableRecord()), "{}");
}

TEST(JsonOut, WritesTheShortestDigitsThatReadBackAsTheSameDouble) {
  Click click;
  for (const double value : {0.1, 1.0 / 3, 5e-324, 1.7976931348623157e308, 1e15, 1e16, 123456789012345680000.0, 1e21,
                             9007199254740993.0, -0.0, -2.5, 1e-7}) {
    click.set_dwell_ms(value);
    const double read = Read<Click>(Json(click)).dwell_ms();
    EXPECT_EQ(read, value) << Json(click);
    EXPECT_EQ(std::signbit(read), std::signbit(value)) << Json(click);
  }
  click.set_dwell_ms(0.1);
  EXPECT_THAT(Json(click), testing::EndsWith(R"("dwell_ms":0.1})"));
}

TEST(JsonOut, WritesTheShortestDigitsThatReadBackAsTheSameFloat) {
  DesignUpdate update;
  for (const float value : {0.1F, 1.0F / 3, 1e-45F, 3.4028235e38F, 16777216.0F, -0.0F, 1e20F}) {
    update.add_user_vector(value);
  }
  const auto read = Read<DesignUpdate>(Json(update));
  EXPECT_TRUE(MessageDifferencer::Equals(read, update)) << Json(update);
  EXPECT_TRUE(std::signbit(read.user_vector(5)));
  EXPECT_THAT(Json(update), testing::HasSubstr(R"("user_vector":[0.1,0.33333334,1e-45,)"));
}

TEST(JsonOut, WritesNullForWhatIsNotFinite) {
  Click click;
  for (const double value : {std::nan(""), HUGE_VAL, -HUGE_VAL}) {
    click.set_dwell_ms(value);
    EXPECT_THAT(Json(click), testing::EndsWith(R"("dwell_ms":null})"));
  }
  DesignUpdate update;
  update.add_user_vector(std::nanf(""));
  EXPECT_TRUE(std::isnan(Read<DesignUpdate>(Json(update)).user_vector(0)));  // it keeps its place
}

TEST(JsonOut, WritesAnUndeclaredEnumerationAsItsNumber) {
  Click click;
  click.set_action(static_cast<Click::Action>(99));
  EXPECT_THAT(Json(click), testing::EndsWith(R"("action":99})"));
}

TEST(JsonOut, EscapesWhatMustBe) {
  EXPECT_EQ(JsonString(std::string_view("a\"\\/\b\f\n\r\t\0\x1f\x7f", 12)),
            "\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f\"");
  EXPECT_EQ(JsonString("\u00e9\u20ac\U0001F600\U0010FFFF"), "\"\u00e9\u20ac\U0001F600\U0010FFFF\"");
}

TEST(JsonOut, ReplacesBytesThatAreNotUtf8) {
  const std::string bad = "\uFFFD";
  EXPECT_EQ(JsonString("a\xFFz"), "\"a" + bad + "z\"");
  EXPECT_EQ(JsonString("\xC3"), "\"" + bad + "\"");                                    // cut off
  EXPECT_EQ(JsonString("\xC0\x80"), "\"" + bad + bad + "\"");                          // overlong
  EXPECT_EQ(JsonString("\xE0\x9F\x80"), "\"" + bad + bad + bad + "\"");                // overlong
  EXPECT_EQ(JsonString("\xED\xA0\x80"), "\"" + bad + bad + bad + "\"");                // a surrogate
  EXPECT_EQ(JsonString("\xF4\x90\x80\x80"), "\"" + bad + bad + bad + bad + "\"");      // past U+10FFFF
  EXPECT_EQ(JsonString("\xE2\x82\x41"), "\"" + bad + bad + "A\"");
}

TEST(Json, CarriesBytesInBase64) {
  google::protobuf::BytesValue value;
  value.set_value(std::string("\xFF\0\x01", 3));
  EXPECT_EQ(Json(value), R"({"value":"/wAB"})");
  EXPECT_EQ(Read<google::protobuf::BytesValue>(Json(value)).value(), value.value());
  EXPECT_EQ(Refusal<google::protobuf::BytesValue>(R"({"value":"?"})"),
            R"(undecodable "value": expected a string in base64, found "?")");
}

/// The reader and the writer rely on this.
TEST(Json, HasOnlyStringsForKeysOfMaps) {
  const std::function<void(const Descriptor&)> check = [&check](const Descriptor& type) {
    for (int i = 0; i < type.field_count(); ++i) {
      if (!type.field(i)->is_map()) continue;
      EXPECT_EQ(type.field(i)->message_type()->map_key()->type(), google::protobuf::FieldDescriptor::TYPE_STRING);
    }
    for (int i = 0; i < type.nested_type_count(); ++i) check(*type.nested_type(i));
  };
  for (const Golden& golden : Goldens()) {
    for (int i = 0; i < golden.type->file()->message_type_count(); ++i) check(*golden.type->file()->message_type(i));
  }
}

}  // namespace
}  // namespace catwalk::schemas
