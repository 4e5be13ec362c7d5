#include "schemas/rules.h"

#include <cmath>
#include <limits>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "schemas/codec.h"
#include "schemas/events.pb.h"
#include "tests/schemas/golden.h"

namespace catwalk::schemas {
namespace {

using testing::HasSubstr;

constexpr int64_t kNow = 1700000000000;
constexpr int64_t kDayMs = 86'400'000;
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class M>
M Valid() {
  M event;
  event.set_event_id("e");
  event.set_user_id("u");
  event.set_design_id("d");
  event.set_occurred_at_ms(kNow);
  return event;
}

template <class M>
std::string RuleOf(const M& event) {
  const auto violation = Check(event, kNow);
  return violation ? std::string(violation->rule) : "";
}

/// The rule broken by a valid event after `change`.
template <class M, class Change>
std::string RuleAfter(Change change) {
  M event = Valid<M>();
  change(event);
  return RuleOf(event);
}

template <class M>
class RulesOfEvents : public testing::Test {};
using AllEvents = testing::Types<Click, Purchase, Activity, Feedback, Profile, Design>;
TYPED_TEST_SUITE(RulesOfEvents, AllEvents);

TYPED_TEST(RulesOfEvents, AcceptAValidOne) { EXPECT_EQ(RuleOf(Valid<TypeParam>()), ""); }

TYPED_TEST(RulesOfEvents, WantATimeAfter1970) {
  EXPECT_EQ(RuleAfter<TypeParam>([](auto& e) { e.set_occurred_at_ms(1); }), "");
  for (const int64_t time : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min()}) {
    EXPECT_EQ(RuleAfter<TypeParam>([&](auto& e) { e.set_occurred_at_ms(time); }), "time_not_positive") << time;
  }
}

TYPED_TEST(RulesOfEvents, WantATimeWithinADayOfTheRecords) {
  EXPECT_EQ(RuleAfter<TypeParam>([](auto& e) { e.set_occurred_at_ms(kNow + kDayMs); }), "");
  EXPECT_EQ(RuleAfter<TypeParam>([](auto& e) { e.set_occurred_at_ms(kNow + kDayMs + 1); }), "time_in_future");
  EXPECT_EQ(RuleAfter<TypeParam>([](auto& e) { e.set_occurred_at_ms(std::numeric_limits<int64_t>::max()); }),
            "time_in_future");
}

TYPED_TEST(RulesOfEvents, CannotTellTheFutureOfARecordWithoutTimestamp) {
  EXPECT_FALSE(Check(Valid<TypeParam>(), -1));
  EXPECT_TRUE(Check(Valid<TypeParam>(), 0));
  EXPECT_FALSE(Check(Valid<TypeParam>(), std::numeric_limits<int64_t>::max()));
}

TYPED_TEST(RulesOfEvents, WantShortIds) {
  const std::string longest(256, 'x');
  const std::string too_long(257, 'x');
  EXPECT_EQ(RuleAfter<TypeParam>([&](auto& e) { e.set_event_id(longest); }), "");
  EXPECT_EQ(RuleAfter<TypeParam>([&](auto& e) { e.set_design_id(longest); }), "");
  EXPECT_EQ(RuleAfter<TypeParam>([&](auto& e) { e.set_event_id(too_long); }), "string_too_long");
  EXPECT_EQ(RuleAfter<TypeParam>([&](auto& e) { e.set_design_id(too_long); }), "string_too_long");
}

template <class M>
class RulesOfPersonalEvents : public testing::Test {};
using PersonalEvents = testing::Types<Click, Purchase, Activity, Feedback, Profile>;
TYPED_TEST_SUITE(RulesOfPersonalEvents, PersonalEvents);

TYPED_TEST(RulesOfPersonalEvents, WantAnEventIdAndAUserId) {
  EXPECT_EQ(RuleAfter<TypeParam>([](auto& e) { e.clear_event_id(); }), "missing_event_id");
  EXPECT_EQ(RuleAfter<TypeParam>([](auto& e) { e.clear_user_id(); }), "missing_user_id");
  EXPECT_EQ(RuleAfter<TypeParam>([](auto& e) { e.set_user_id(std::string(257, 'x')); }), "string_too_long");
}

TEST(Rules, WantADesignIdWhereAnEventIsNothingWithoutIt) {
  EXPECT_EQ(RuleAfter<Click>([](auto& e) { e.clear_design_id(); }), "missing_design_id");
  EXPECT_EQ(RuleAfter<Purchase>([](auto& e) { e.clear_design_id(); }), "missing_design_id");
  EXPECT_EQ(RuleAfter<Feedback>([](auto& e) { e.clear_design_id(); }), "missing_design_id");
  EXPECT_EQ(RuleAfter<Design>([](auto& e) { e.clear_design_id(); }), "missing_design_id");
  EXPECT_EQ(RuleAfter<Activity>([](auto& e) { e.clear_design_id(); }), "");
  EXPECT_EQ(RuleAfter<Profile>([](auto& e) { e.clear_design_id(); }), "");
}

TEST(Rules, WantNoOtherIdsOfADesign) {
  EXPECT_EQ(RuleAfter<Design>([](auto& e) { e.clear_event_id(); }), "");
  EXPECT_EQ(RuleAfter<Design>([](auto& e) { e.clear_user_id(); }), "");
}

/// Tries what an amount may be and what it may not; `set` sets it.
template <class M, class Set>
void ExpectAmount(std::string_view name, Set set) {
  const auto rule_of = [&](double value) { return RuleAfter<M>([&](M& event) { set(event, value); }); };
  EXPECT_EQ(rule_of(0), "") << name;
  EXPECT_EQ(rule_of(-0.0), "") << name;
  EXPECT_EQ(rule_of(1e300), "") << name;
  EXPECT_EQ(rule_of(-1e-300), "negative_amount") << name;
  EXPECT_EQ(rule_of(kNaN), "not_finite") << name;
  EXPECT_EQ(rule_of(kInfinity), "not_finite") << name;
  EXPECT_EQ(rule_of(-kInfinity), "not_finite") << name;
}

TEST(Rules, WantFiniteAmountsFromZeroUp) {
  // Every double there is, found by reflection, so that none is forgotten.
  const auto expect_all = []<class M>(const M&) {
    for (int i = 0; i < M::descriptor()->field_count(); ++i) {
      const auto* field = M::descriptor()->field(i);
      if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_DOUBLE) continue;
      ExpectAmount<M>(field->full_name(), [field](M& e, double v) { e.GetReflection()->SetDouble(&e, field, v); });
    }
  };
  expect_all(Click());
  expect_all(Purchase());
  expect_all(Activity());
  expect_all(Feedback());
  expect_all(Profile());
  expect_all(Design());
}

TEST(Rules, WantCountsFromZeroUp) {
  EXPECT_EQ(RuleAfter<Click>([](auto& e) { e.set_position(0); }), "");
  EXPECT_EQ(RuleAfter<Click>([](auto& e) { e.set_position(-1); }), "negative_amount");
  EXPECT_EQ(RuleAfter<Purchase>([](auto& e) { e.set_price_minor(0); }), "");
  EXPECT_EQ(RuleAfter<Purchase>([](auto& e) { e.set_price_minor(-1); }), "negative_amount");
  EXPECT_EQ(RuleAfter<Design>([](auto& e) { e.set_price_minor(-1); }), "negative_amount");
}

bool IsId(const std::string& name) { return name.ends_with("_id") && name != "session_id"; }

TEST(Rules, WantShortStrings) {
  const auto expect_all = []<class M>(const M&) {
    for (int i = 0; i < M::descriptor()->field_count(); ++i) {
      const auto* field = M::descriptor()->field(i);
      if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) continue;
      if (std::is_same_v<M, Design> && field->name() == "user_id") continue;  // nobody reads it
      const size_t limit = IsId(field->name()) ? 256 : 4096;
      const auto set = [field](M& e, size_t size) {
        const std::string text(size, 'x');
        const auto& reflection = *e.GetReflection();
        field->is_repeated() ? reflection.AddString(&e, field, text) : reflection.SetString(&e, field, text);
      };
      EXPECT_EQ(RuleAfter<M>([&](M& e) { set(e, limit); }), "") << field->full_name();
      EXPECT_EQ(RuleAfter<M>([&](M& e) { set(e, limit + 1); }), "string_too_long") << field->full_name();
    }
  };
  expect_all(Click());
  expect_all(Purchase());
  expect_all(Activity());
  expect_all(Feedback());
  expect_all(Profile());
  expect_all(Design());
}

template <class M>
class RulesOfAttributes : public testing::Test {};
using WithAttributes = testing::Types<Profile, Design>;
TYPED_TEST_SUITE(RulesOfAttributes, WithAttributes);

TYPED_TEST(RulesOfAttributes, WantFewAndShortOnes) {
  const auto with = [](int count, size_t key, size_t value) {
    return RuleAfter<TypeParam>([&](auto& e) {
      for (int i = 0; i < count; ++i) (*e.mutable_attributes())[std::to_string(i)] = "v";
      if (key > 0) (*e.mutable_attributes())[std::string(key, 'k')] = std::string(value, 'v');
    });
  };
  EXPECT_EQ(with(64, 0, 0), "");
  EXPECT_EQ(with(65, 0, 0), "string_too_long");
  EXPECT_EQ(with(0, 4096, 4096), "");
  EXPECT_EQ(with(0, 4097, 1), "string_too_long");
  EXPECT_EQ(with(0, 1, 4097), "string_too_long");
}

TEST(Rules, WantDeclaredEnumerations) {
  EXPECT_EQ(RuleAfter<Click>([](auto& e) { e.set_action(Click::ACTION_TRY_ON); }), "");
  EXPECT_EQ(RuleAfter<Click>([](auto& e) { e.set_action(static_cast<Click::Action>(7)); }), "unknown_enum");
  EXPECT_EQ(RuleAfter<Purchase>([](auto& e) { e.set_kind(Purchase::KIND_RETURN); }), "");
  EXPECT_EQ(RuleAfter<Purchase>([](auto& e) { e.set_kind(static_cast<Purchase::Kind>(-1)); }), "unknown_enum");
  EXPECT_EQ(RuleAfter<Activity>([](auto& e) { e.set_kind(Activity::KIND_YOGA); }), "");
  EXPECT_EQ(RuleAfter<Activity>([](auto& e) { e.set_kind(static_cast<Activity::Kind>(12)); }), "unknown_enum");
  EXPECT_EQ(RuleAfter<Feedback>([](auto& e) { e.set_fit(Feedback::FIT_LARGE); }), "");
  EXPECT_EQ(RuleAfter<Feedback>([](auto& e) { e.set_fit(static_cast<Feedback::Fit>(4)); }), "unknown_enum");
}

std::string MessageAfter(void (*change)(Click&)) {
  Click click = Valid<Click>();
  change(click);
  const auto violation = Check(click, kNow);
  return violation ? violation->message : "accepted";
}

TEST(Rules, NameTheFieldTheValueAndWhatToDo) {
  EXPECT_EQ(MessageAfter([](Click& e) { e.clear_user_id(); }), R"("user_id" is missing: give one of 1 to 256 bytes)");
  EXPECT_EQ(MessageAfter([](Click& e) { e.set_occurred_at_ms(-5); }),
            R"("occurred_at_ms" is -5: give milliseconds since 1970-01-01 UTC)");
  EXPECT_EQ(MessageAfter([](Click& e) { e.set_occurred_at_ms(1800000000000); }),
            R"("occurred_at_ms" is 1800000000000, more than 24 h after the record's timestamp 1700000000000: )"
            "give milliseconds and check the sender's clock");
  EXPECT_EQ(MessageAfter([](Click& e) { e.set_dwell_ms(-2.5); }), R"("dwell_ms" is -2.5: give 0 or more)");
  EXPECT_EQ(MessageAfter([](Click& e) { e.set_dwell_ms(kNaN); }),
            R"("dwell_ms" is nan: give a finite number or leave it out)");
  EXPECT_EQ(MessageAfter([](Click& e) { e.set_surface(std::string(5000, 'x')); }),
            R"("surface" has 5000 bytes: shorten it to 4096)");
  EXPECT_EQ(MessageAfter([](Click& e) { e.set_action(static_cast<Click::Action>(9)); }),
            R"("action" is 9: give one of click, view, dwell, wishlist, cart, share, try-on)");
}

TEST(TableOfRules, HasEachRuleOnceWithASentence) {
  const std::set<std::string_view> expected = {
      "missing_event_id",  "missing_user_id", "missing_design_id", "not_finite",   "negative_amount", "undecodable",
      "time_not_positive", "time_in_future",  "string_too_long",   "unknown_enum", "wrong_partition"};
  std::set<std::string_view> names;
  for (const RuleSpec& rule : kRules) {
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_TRUE(rule.sentence.ends_with('.')) << rule.name;
  }
  EXPECT_EQ(names, expected);
}

TEST(CheckValue, AcceptsEachInputTopicsOwnMessageInAnyEncoding) {
  int inputs = 0;
  for (const Golden& golden : Goldens()) {
    for (const TopicSpec& spec : AllTopics()) {
      if (spec.topic > Topic::kDesigns || spec.value != golden.type) continue;
      ++inputs;
      for (const std::string& bytes : {golden.Protobuf(), golden.Confluent(), golden.json}) {
        const auto violation = CheckValue(spec.topic, bytes, kNow);
        EXPECT_FALSE(violation) << spec.default_name << ": " << violation->message;
      }
    }
  }
  EXPECT_EQ(inputs, 6);
}

TEST(CheckValue, SaysWhichRuleIsBroken) {
  EXPECT_EQ(CheckValue(Topic::kClicks, "", kNow)->rule, kUndecodable);
  EXPECT_EQ(CheckValue(Topic::kClicks, R"({"action":"lick"})", kNow)->rule, kUnknownEnum);
  EXPECT_EQ(CheckValue(Topic::kClicks, R"({"user_id":"u"})", kNow)->rule, kMissingEventId);
  const auto* nan = R"({"event_id":"e","user_id":"u","design_id":"d","occurred_at_ms":1,"dwell_ms":"nan"})";
  EXPECT_EQ(CheckValue(Topic::kClicks, nan, kNow)->rule, kNotFinite);
}

TEST(CheckValue, RefusesTopicsThatTakeNoEvents) {
  for (const TopicSpec& spec : AllTopics()) {
    if (spec.topic <= Topic::kDesigns) continue;
    const auto violation = CheckValue(spec.topic, "{}", kNow);
    ASSERT_TRUE(violation) << spec.default_name;
    EXPECT_EQ(violation->rule, kUndecodable);
    EXPECT_THAT(violation->message, HasSubstr("takes no events"));
  }
}

}  // namespace
}  // namespace catwalk::schemas
