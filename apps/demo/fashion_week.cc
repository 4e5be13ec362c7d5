#include "apps/demo/fashion_week.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace catwalk::apps {
namespace {

constexpr int64_t kWeekMs = 7LL * 86'400'000;
/// A show every three hours; for the next hours many look at its designer.
constexpr int64_t kShowEveryMs = 3LL * 3'600'000;
constexpr double kShowPull = 0.2;
constexpr double kBuys = 0.08;

constexpr std::array kDesigners = {"Aurelia", "Bexley", "Corvane", "Dalmara", "Estelline", "Fjordik",
                                   "Garance", "Hanako", "Ilario", "Jovanka", "Kestrel", "Lumière"};
constexpr std::array kCategories = {"gown", "trench", "jumpsuit", "blazer", "knit", "skirt", "sneaker", "shirt"};
constexpr std::array kColours = {"emerald", "ivory", "crimson", "cobalt", "black", "saffron"};
constexpr std::array kMaterials = {"silk", "wool", "linen", "denim", "leather"};
constexpr std::array kSilhouettes = {"A-line", "column", "oversized", "fitted"};

template <size_t N>
const char* Pick(const std::array<const char*, N>& from, size_t index) {
  return from[index % N];
}

std::string Numbered(const char* prefix, size_t number, int width) {
  std::string digits = std::to_string(number);
  return prefix + std::string(static_cast<size_t>(std::max(0, width - static_cast<int>(digits.size()))), '0') + digits;
}

}  // namespace

FashionWeek::FashionWeek(const Options& options) : options_(options), random_(options.seed) {
  MakeDesigns(options.designs);
  MakeVisitors(options.visitors);
}

void FashionWeek::MakeDesigns(int count) {
  by_designer_.resize(kDesigners.size());
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    auto& design = designs_.emplace_back();
    const size_t designer = i % kDesigners.size();
    design.set_event_id(Numbered("catalogue-", i, 4));
    design.set_design_id(Numbered("d", i, 4));
    design.set_occurred_at_ms(options_.end_ms - kWeekMs);
    design.set_designer(Pick(kDesigners, designer));
    // A designer is known for three categories; the rest of a design is chance.
    design.set_category(Pick(kCategories, designer * 2 + random_() % 3));
    design.set_colour(Pick(kColours, random_()));
    design.set_material(Pick(kMaterials, random_()));
    design.set_silhouette(Pick(kSilhouettes, random_()));
    design.set_title(design.designer() + " " + design.colour() + " " + design.material() + " " + design.category());
    by_designer_[designer].push_back(i);
  }
}

void FashionWeek::MakeVisitors(int count) {
  for (size_t v = 0; v < static_cast<size_t>(count); ++v) {
    auto& visitor = visitors_.emplace_back();
    visitor.id = Numbered("visitor-", v, 4);
    const std::string category = Pick(kCategories, random_()), other = Pick(kCategories, random_());
    const std::string colour = Pick(kColours, random_()), designer = Pick(kDesigners, random_());
    double total = 0;
    for (const auto& design : designs_) {
      double liking = 0.02;
      if (design.category() == category) liking += 2.0;
      if (design.category() == other) liking += 0.7;
      if (design.colour() == colour) liking *= 2;
      if (design.designer() == designer) liking *= 3;
      visitor.taste.push_back(total += liking);
    }
  }
}

size_t FashionWeek::Choose(const Visitor& visitor, int64_t at_ms) {
  const auto show = static_cast<size_t>((at_ms - (options_.end_ms - kWeekMs)) / kShowEveryMs);
  if (Uniform() < kShowPull) {
    const auto& shown = by_designer_[(show * 5) % by_designer_.size()];
    return shown[random_() % shown.size()];
  }
  const double at = Uniform() * visitor.taste.back();
  const auto found = std::upper_bound(visitor.taste.begin(), visitor.taste.end(), at);
  return std::min(static_cast<size_t>(found - visitor.taste.begin()), designs_.size() - 1);
}

std::vector<schemas::OutgoingRecord> FashionWeek::Catalogue(const schemas::TopicNames& names) const {
  std::vector<schemas::OutgoingRecord> records;
  for (const auto& design : designs_) {
    auto& record = records.emplace_back();
    record.topic = names.Of(schemas::Topic::kDesigns);
    record.key = design.design_id();
    record.value = design.SerializeAsString();
  }
  return records;
}

schemas::OutgoingRecord FashionWeek::Event(const schemas::TopicNames& names, int64_t index, int64_t count) {
  const int64_t at_ms = options_.end_ms - kWeekMs + (kWeekMs - 1) * index / std::max<int64_t>(1, count);
  // Some visitors come all the time, most now and then.
  const double u = Uniform();
  const auto& visitor = visitors_[static_cast<size_t>(u * u * static_cast<double>(visitors_.size()))];
  const auto& design = designs_[Choose(visitor, at_ms)];
  const std::string event_id = "week-" + std::to_string(index);
  if (Uniform() >= kBuys) return Click(names, visitor.id, event_id, design.design_id(), at_ms);
  schemas::Purchase purchase;
  purchase.set_event_id(event_id);
  purchase.set_user_id(visitor.id);
  purchase.set_design_id(design.design_id());
  purchase.set_occurred_at_ms(at_ms);
  schemas::OutgoingRecord record;
  record.topic = names.Of(schemas::Topic::kPurchases);
  record.key = visitor.id;
  record.value = purchase.SerializeAsString();
  return record;
}

schemas::OutgoingRecord FashionWeek::Click(const schemas::TopicNames& names, const std::string& user_id,
                                           const std::string& event_id, const std::string& design_id, int64_t now_ms) {
  schemas::Click click;
  click.set_event_id(event_id);
  click.set_user_id(user_id);
  click.set_design_id(design_id);
  click.set_occurred_at_ms(now_ms);
  schemas::OutgoingRecord record;
  record.topic = names.Of(schemas::Topic::kClicks);
  record.key = user_id;
  record.value = click.SerializeAsString();
  return record;
}

std::vector<std::string> FashionWeek::OneStyle(size_t count) const {
  std::vector<std::string> ids;
  const auto& first = designs_.front();
  for (const auto& design : designs_) {
    if (ids.size() < count && design.category() == first.category() && design.designer() == first.designer()) {
      ids.push_back(design.design_id());
    }
  }
  return ids;
}

}  // namespace catwalk::apps
