#include "schemas/rules.h"

#include <charconv>
#include <cmath>
#include <span>
#include <string>

#include "schemas/codec.h"
#include "schemas/enum_words.h"
#include "schemas/events.pb.h"

namespace catwalk::schemas {
namespace {

using Verdict = std::optional<Violation>;

/// A field of message M that a rule speaks of.
template <class M>
struct Text {
  std::string_view name;
  const std::string& (M::*get)() const;
};
template <class M>
struct Amount {
  std::string_view name;
  double (M::*get)() const;
};

Violation Broken(std::string_view rule, std::string_view field, const std::string& what) {
  return {rule, "\"" + std::string(field) + "\" " + what};
}

Verdict CheckId(std::string_view rule, std::string_view field, std::string_view id, bool required) {
  if (id.empty() && required) return Broken(rule, field, "is missing: give one of 1 to 256 bytes");
  if (id.size() <= kMaxIdBytes) return std::nullopt;
  return Broken(kStringTooLong, field, "has " + std::to_string(id.size()) + " bytes: shorten it to 256");
}

Verdict CheckLength(std::string_view field, std::string_view text) {
  if (text.size() <= kMaxStringBytes) return std::nullopt;
  return Broken(kStringTooLong, field, "has " + std::to_string(text.size()) + " bytes: shorten it to 4096");
}

Verdict CheckTime(int64_t occurred_at_ms, int64_t record_timestamp_ms) {
  const std::string_view field = "occurred_at_ms";
  const auto is = [&] { return "is " + std::to_string(occurred_at_ms); };
  if (occurred_at_ms <= 0) {
    return Broken(kTimeNotPositive, field, is() + ": give milliseconds since 1970-01-01 UTC");
  }
  // Subtracting from what is positive cannot overflow.
  if (record_timestamp_ms < 0 || occurred_at_ms - kMaxAheadMs <= record_timestamp_ms) return std::nullopt;
  return Broken(kTimeInFuture, field,
                is() + ", more than 24 h after the record's timestamp " + std::to_string(record_timestamp_ms) +
                    ": give milliseconds and check the sender's clock");
}

std::string Digits(double value) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof(digits), value).ptr};
}

Verdict CheckAmount(std::string_view field, double value) {
  if (!std::isfinite(value)) {
    return Broken(kNotFinite, field, "is " + Digits(value) + ": give a finite number or leave it out");
  }
  if (value >= 0) return std::nullopt;
  return Broken(kNegativeAmount, field, "is " + Digits(value) + ": give 0 or more");
}

Verdict CheckCount(std::string_view field, int64_t value) {
  if (value >= 0) return std::nullopt;
  return Broken(kNegativeAmount, field, "is " + std::to_string(value) + ": give 0 or more");
}

template <class M>
Verdict CheckTexts(const M& message, std::span<const Text<M>> texts) {
  for (const Text<M>& text : texts) {
    if (auto broken = CheckLength(text.name, (message.*text.get)())) return broken;
  }
  return std::nullopt;
}

template <class M>
Verdict CheckAmounts(const M& message, std::span<const Amount<M>> amounts) {
  for (const Amount<M>& amount : amounts) {
    if (auto broken = CheckAmount(amount.name, (message.*amount.get)())) return broken;
  }
  return std::nullopt;
}

Verdict CheckList(std::string_view field, const google::protobuf::RepeatedPtrField<std::string>& texts) {
  for (const std::string& text : texts) {
    if (auto broken = CheckLength(field, text)) return broken;
  }
  return std::nullopt;
}

Verdict CheckAttributes(const google::protobuf::Map<std::string, std::string>& attributes) {
  const std::string_view field = "attributes";
  if (attributes.size() > kMaxAttributes) {
    return Broken(kStringTooLong, field, "has " + std::to_string(attributes.size()) + " entries: keep at most 64");
  }
  for (const auto& [key, value] : attributes) {
    if (auto broken = CheckLength(field, key.size() > value.size() ? key : value)) return broken;
  }
  return std::nullopt;
}

Verdict CheckEnum(std::string_view field, const google::protobuf::EnumDescriptor& type, int number, bool declared) {
  if (declared) return std::nullopt;
  return Broken(kUnknownEnum, field, "is " + std::to_string(number) + ": give one of " + EnumWords(type));
}

enum class DesignId { kRequired, kOptional };

/// What events have in common.
template <class M>
Verdict CheckEvent(const M& event, int64_t record_timestamp_ms, DesignId design) {
  if (auto broken = CheckId(kMissingEventId, "event_id", event.event_id(), true)) return broken;
  if (auto broken = CheckId(kMissingUserId, "user_id", event.user_id(), true)) return broken;
  const bool required = design == DesignId::kRequired;
  if (auto broken = CheckId(kMissingDesignId, "design_id", event.design_id(), required)) return broken;
  return CheckTime(event.occurred_at_ms(), record_timestamp_ms);
}

constexpr Text<Click> kClickTexts[] = {{"session_id", &Click::session_id}, {"surface", &Click::surface}};
constexpr Text<Purchase> kPurchaseTexts[] = {{"currency", &Purchase::currency}, {"size", &Purchase::size}};
constexpr Text<Activity> kActivityTexts[] = {{"ground", &Activity::ground}};
constexpr Text<Profile> kProfileTexts[] = {{"locale", &Profile::locale},
                                           {"body_type", &Profile::body_type},
                                           {"bust_cup", &Profile::bust_cup}};
constexpr Text<Design> kDesignTexts[] = {
    {"title", &Design::title},           {"category", &Design::category}, {"silhouette", &Design::silhouette},
    {"colour", &Design::colour},         {"material", &Design::material}, {"designer", &Design::designer},
    {"collection", &Design::collection}, {"currency", &Design::currency}};

constexpr Amount<Activity> kActivityAmounts[] = {{"duration_s", &Activity::duration_s},
                                                 {"distance_m", &Activity::distance_m},
                                                 {"cadence_spm", &Activity::cadence_spm},
                                                 {"stride_m", &Activity::stride_m}};
constexpr Amount<Profile> kProfileAmounts[] = {{"age", &Profile::age},
                                               {"height", &Profile::height},
                                               {"weight", &Profile::weight},
                                               {"bust_band", &Profile::bust_band},
                                               {"waist", &Profile::waist},
                                               {"hips", &Profile::hips},
                                               {"foot_length", &Profile::foot_length},
                                               {"foot_width", &Profile::foot_width}};

template <class M>
Verdict DecodeAndCheck(std::string_view bytes, int64_t record_timestamp_ms) {
  M message;
  if (auto broken = Decode(bytes, &message)) return broken;
  return Check(message, record_timestamp_ms);
}

}  // namespace

std::optional<Violation> Check(const Click& click, int64_t record_timestamp_ms) {
  if (auto broken = CheckEvent(click, record_timestamp_ms, DesignId::kRequired)) return broken;
  if (auto broken = CheckId({}, "recommendation_event_id", click.recommendation_event_id(), false)) return broken;
  if (auto broken = CheckTexts<Click>(click, kClickTexts)) return broken;
  if (auto broken = CheckAmount("dwell_ms", click.dwell_ms())) return broken;
  if (auto broken = CheckCount("position", click.position())) return broken;
  return CheckEnum("action", *Click::Action_descriptor(), click.action(), Click::Action_IsValid(click.action()));
}

std::optional<Violation> Check(const Purchase& purchase, int64_t record_timestamp_ms) {
  if (auto broken = CheckEvent(purchase, record_timestamp_ms, DesignId::kRequired)) return broken;
  if (auto broken = CheckTexts<Purchase>(purchase, kPurchaseTexts)) return broken;
  if (auto broken = CheckAmount("quantity", purchase.quantity())) return broken;
  if (auto broken = CheckCount("price_minor", purchase.price_minor())) return broken;
  return CheckEnum("kind", *Purchase::Kind_descriptor(), purchase.kind(), Purchase::Kind_IsValid(purchase.kind()));
}

std::optional<Violation> Check(const Activity& activity, int64_t record_timestamp_ms) {
  if (auto broken = CheckEvent(activity, record_timestamp_ms, DesignId::kOptional)) return broken;
  if (auto broken = CheckTexts<Activity>(activity, kActivityTexts)) return broken;
  if (auto broken = CheckAmounts<Activity>(activity, kActivityAmounts)) return broken;
  return CheckEnum("kind", *Activity::Kind_descriptor(), activity.kind(), Activity::Kind_IsValid(activity.kind()));
}

std::optional<Violation> Check(const Feedback& feedback, int64_t record_timestamp_ms) {
  if (auto broken = CheckEvent(feedback, record_timestamp_ms, DesignId::kRequired)) return broken;
  if (auto broken = CheckId({}, "about_event_id", feedback.about_event_id(), false)) return broken;
  if (auto broken = CheckId({}, "proposal_id", feedback.proposal_id(), false)) return broken;
  if (auto broken = CheckAmount("rating", feedback.rating())) return broken;
  return CheckEnum("fit", *Feedback::Fit_descriptor(), feedback.fit(), Feedback::Fit_IsValid(feedback.fit()));
}

std::optional<Violation> Check(const Profile& profile, int64_t record_timestamp_ms) {
  if (auto broken = CheckEvent(profile, record_timestamp_ms, DesignId::kOptional)) return broken;
  if (auto broken = CheckTexts<Profile>(profile, kProfileTexts)) return broken;
  if (auto broken = CheckAmounts<Profile>(profile, kProfileAmounts)) return broken;
  if (auto broken = CheckList("consents", profile.consents())) return broken;
  return CheckAttributes(profile.attributes());
}

std::optional<Violation> Check(const Design& design, int64_t record_timestamp_ms) {
  if (auto broken = CheckId(kMissingEventId, "event_id", design.event_id(), false)) return broken;
  if (auto broken = CheckId(kMissingDesignId, "design_id", design.design_id(), true)) return broken;
  if (auto broken = CheckTime(design.occurred_at_ms(), record_timestamp_ms)) return broken;
  if (auto broken = CheckTexts<Design>(design, kDesignTexts)) return broken;
  if (auto broken = CheckList("sizes", design.sizes())) return broken;
  if (auto broken = CheckCount("price_minor", design.price_minor())) return broken;
  return CheckAttributes(design.attributes());
}

std::optional<Violation> CheckValue(Topic topic, std::string_view bytes, int64_t record_timestamp_ms) {
  switch (topic) {
    case Topic::kClicks: return DecodeAndCheck<Click>(bytes, record_timestamp_ms);
    case Topic::kPurchases: return DecodeAndCheck<Purchase>(bytes, record_timestamp_ms);
    case Topic::kActivity: return DecodeAndCheck<Activity>(bytes, record_timestamp_ms);
    case Topic::kFeedback: return DecodeAndCheck<Feedback>(bytes, record_timestamp_ms);
    case Topic::kProfiles: return DecodeAndCheck<Profile>(bytes, record_timestamp_ms);
    case Topic::kDesigns: return DecodeAndCheck<Design>(bytes, record_timestamp_ms);
    default:
      return Violation{kUndecodable,
                       "topic " + std::string(SpecOf(topic).default_name) +
                           " takes no events: send to clicks, purchases, activity, feedback, profiles or designs"};
  }
}

}  // namespace catwalk::schemas
