#include "apps/simulate/simulated_lines.h"

#include <cmath>

#include "schemas/codec.h"
#include "schemas/events.pb.h"
#include "schemas/topics.h"

namespace catwalk::apps {
namespace {

using evaluate::ChoiceKind;
using evaluate::SimulatedChoice;
using schemas::Topic;

std::string Numbered(const char* what, int64_t number) { return what + std::to_string(number); }

std::string LineOf(Topic topic, const google::protobuf::Message& message) {
  std::string json;
  schemas::AppendJson(message, &json);
  std::string line = R"({"topic":)";
  schemas::AppendJsonString(schemas::SpecOf(topic).default_name, &line);
  return line + "," + json.substr(1) + "\n";
}

/// What all events have in common.
template <class Message>
Message EventOf(const SimulatedChoice& choice, const std::string& event_id) {
  Message message;
  message.set_event_id(event_id);
  message.set_user_id(Numbered("user-", choice.user));
  message.set_occurred_at_ms(choice.at_ms);
  return message;
}

schemas::Design DesignOf(const evaluate::SimulatedDesign& truth, int32_t design) {
  using namespace evaluate;
  const auto value = [&](DesignAttribute attribute, const char* name) { return Numbered(name, truth.values[attribute] + 1); };
  schemas::Design entry;
  entry.set_design_id(Numbered("design-", design));
  entry.set_occurred_at_ms(truth.released_ms > 0 ? truth.released_ms : kSimulationStartMs);
  entry.set_released_at_ms(truth.released_ms);
  entry.set_category(value(kCategory, "category-"));
  entry.set_silhouette(value(kSilhouette, "silhouette-"));
  entry.set_colour(value(kColour, "colour-"));
  entry.set_material(value(kMaterial, "material-"));
  entry.set_designer(value(kDesigner, "designer-"));
  entry.set_collection(value(kCollection, "collection-"));
  return entry;
}

}  // namespace

std::string SimulatedLines::Design(int32_t design) const {
  return LineOf(Topic::kDesigns, DesignOf(simulation_.world().designs()[static_cast<size_t>(design)], design));
}

std::string SimulatedLines::Choice(const SimulatedChoice& choice, int64_t number) const {
  std::string lines = choice.first_of_user ? Profile(choice) : "";
  lines += Event(choice, number);
  if (!choice.sold) return lines;
  auto entry = DesignOf(simulation_.world().designs()[static_cast<size_t>(choice.design)], choice.design);
  entry.set_occurred_at_ms(choice.at_ms);
  entry.set_expires_at_ms(choice.at_ms);
  return lines + LineOf(Topic::kDesigns, entry);
}

std::string SimulatedLines::Profile(const SimulatedChoice& choice) const {
  const auto& user = simulation_.world().users()[static_cast<size_t>(choice.user)];
  if (!user.profiled) return "";
  auto profile = EventOf<schemas::Profile>(choice, Numbered("profile-", choice.user));
  profile.set_age(std::round(user.age));
  profile.set_body_type(Numbered("body-", user.body_type + 1));
  (*profile.mutable_attributes())["tribe"] = Numbered("tribe-", user.tribe + 1);
  return LineOf(Topic::kProfiles, profile);
}

std::string SimulatedLines::Event(const SimulatedChoice& choice, int64_t number) const {
  const std::string event_id = Numbered("event-", number), design_id = Numbered("design-", choice.design);
  const ChoiceKind kind = choice.sold ? ChoiceKind::kPurchase : simulation_.shape().kind;
  if (kind == ChoiceKind::kClick) {
    auto click = EventOf<schemas::Click>(choice, event_id);
    click.set_design_id(design_id);
    click.set_session_id(Numbered("visit-", choice.visit));
    return LineOf(Topic::kClicks, click);
  }
  auto purchase = EventOf<schemas::Purchase>(choice, event_id);
  purchase.set_design_id(design_id);
  if (kind == ChoiceKind::kRental) purchase.set_kind(schemas::Purchase::KIND_RENTAL);
  return LineOf(Topic::kPurchases, purchase);
}

}  // namespace catwalk::apps
