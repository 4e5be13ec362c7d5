#include "operators/impute_and_standardise.h"

#include <algorithm>
#include <cmath>

#include "operators/byte_coding.h"

namespace catwalk::operators {
namespace {

/// A day: longer durations say more of a sensor than of a wearer.
constexpr double kLongestDurationS = 86'400;
constexpr double kUsualDwellMs = 5'000;
constexpr double kUsualDurationS = 1'800;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string Trimmed(const std::string& word) {
  const auto begin = word.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return word.substr(begin, word.find_last_not_of(" \t\r\n") - begin + 1);
}

template <char (*Fold)(char)>
std::string Folded(const std::string& word) {
  std::string folded = Trimmed(word);
  std::transform(folded.begin(), folded.end(), folded.begin(), Fold);
  return folded;
}

/// Metres over metres a step and steps a minute; 0 if it cannot be told.
double DurationFromSteps(const schemas::Activity& activity) {
  const double metres_per_minute = activity.stride_m() * activity.cadence_spm();
  return metres_per_minute > 0 ? 60 * activity.distance_m() / metres_per_minute : 0;
}

}  // namespace

void Moments::Add(double x) {
  ++count;
  const double delta = x - mean;
  mean += delta / static_cast<double>(count);
  m2 += delta * (x - mean);
}

double Moments::Standardise(double x) const {
  if (count < 2 || !(m2 > 0)) return 0;
  const double deviation = std::sqrt(m2 / static_cast<double>(count - 1));
  const double z = (x - mean) / deviation;
  return std::isfinite(z) ? std::clamp(z, -8.0, 8.0) : 0;
}

void MomentsSerde::Encode(const Moments& value, std::string* out) const {
  ByteWriter writer(out);
  writer.Varint(value.count);
  writer.Fixed(value.mean);
  writer.Fixed(value.m2);
}

Status MomentsSerde::Decode(std::string_view bytes, Moments* value) const {
  ByteReader reader(bytes);
  value->count = reader.Varint();
  value->mean = reader.Fixed<double>();
  value->m2 = reader.Fixed<double>();
  if (!reader.ok() || !reader.AtEnd()) return {Code::kCorruption, "moments are damaged"};
  return Status::Ok();
}

Status ImputeAndStandardise::Open(OperatorContext& context) {
  ASSIGN_OR_RETURN(moments_, OpenTable<Moments>(context, "moments", std::make_unique<MomentsSerde>()));
  return Status::Ok();
}

Status ImputeAndStandardise::Process(std::span<UserWork> batch, OperatorContext&) {
  for (auto& work : batch) {
    if (work.done) continue;
    switch (work.topic) {
      case schemas::Topic::kClicks: RETURN_IF_ERROR(Treat(static_cast<schemas::Click*>(work.message))); break;
      case schemas::Topic::kPurchases: RETURN_IF_ERROR(Treat(static_cast<schemas::Purchase*>(work.message))); break;
      case schemas::Topic::kActivity: RETURN_IF_ERROR(Treat(static_cast<schemas::Activity*>(work.message))); break;
      case schemas::Topic::kProfiles: RETURN_IF_ERROR(Treat(static_cast<schemas::Profile*>(work.message), &work.features)); break;
      default: break;
    }
  }
  return Status::Ok();
}

Status ImputeAndStandardise::Treat(schemas::Click* click) {
  if (click->action() != schemas::Click::ACTION_DWELL) return Status::Ok();
  if (click->dwell_ms() > 0) return Learn("dwell_ms", click->dwell_ms());
  ASSIGN_OR_RETURN(const double mean, Mean("dwell_ms", kUsualDwellMs));
  click->set_dwell_ms(mean);
  return Status::Ok();
}

Status ImputeAndStandardise::Treat(schemas::Purchase* purchase) {
  if (purchase->quantity() == 0) purchase->set_quantity(1);
  if (!purchase->currency().empty()) purchase->set_currency(Folded<Upper>(purchase->currency()));
  if (!purchase->size().empty()) purchase->set_size(Folded<Lower>(purchase->size()));
  return Status::Ok();
}

Status ImputeAndStandardise::Treat(schemas::Activity* activity) {
  activity->set_ground(Folded<Lower>(activity->ground()));
  const std::string field = "duration_s/" + std::to_string(activity->kind());
  if (activity->duration_s() > 0) {
    activity->set_duration_s(std::min(activity->duration_s(), kLongestDurationS));
    return Learn(field, activity->duration_s());
  }
  double duration = DurationFromSteps(*activity);
  if (!(duration > 0)) {
    ASSIGN_OR_RETURN(duration, Mean(field, kUsualDurationS));
  }
  activity->set_duration_s(std::min(duration, kLongestDurationS));
  return Status::Ok();
}

Status ImputeAndStandardise::Treat(schemas::Profile* profile, std::vector<schemas::StoredProfile::Feature>* features) {
  profile->set_body_type(Folded<Lower>(profile->body_type()));
  profile->set_bust_cup(Folded<Lower>(profile->bust_cup()));
  RETURN_IF_ERROR(AddFeature("age", profile->has_age(), profile->age(), features));
  RETURN_IF_ERROR(AddFeature("height", profile->has_height(), profile->height(), features));
  RETURN_IF_ERROR(AddFeature("weight", profile->has_weight(), profile->weight(), features));
  RETURN_IF_ERROR(AddFeature("bust_band", profile->has_bust_band(), profile->bust_band(), features));
  RETURN_IF_ERROR(AddFeature("waist", profile->has_waist(), profile->waist(), features));
  RETURN_IF_ERROR(AddFeature("hips", profile->has_hips(), profile->hips(), features));
  RETURN_IF_ERROR(AddFeature("foot_length", profile->has_foot_length(), profile->foot_length(), features));
  return AddFeature("foot_width", profile->has_foot_width(), profile->foot_width(), features);
}

Status ImputeAndStandardise::AddFeature(std::string_view field, bool known, double x,
                                        std::vector<schemas::StoredProfile::Feature>* features) {
  auto& feature = features->emplace_back();
  feature.set_name(std::string(field));
  feature.set_imputed(!known);
  if (!known) return Status::Ok();
  RETURN_IF_ERROR(Learn(field, x));
  ASSIGN_OR_RETURN(const Moments* moments, moments_->Get(field));
  feature.set_value(static_cast<float>(moments->Standardise(x)));
  return Status::Ok();
}

Status ImputeAndStandardise::Learn(std::string_view field, double x) {
  ASSIGN_OR_RETURN(Moments * moments, moments_->GetOrCreate(field));
  moments->Add(x);
  moments_->MarkDirty(field);
  return Status::Ok();
}

Result<double> ImputeAndStandardise::Mean(std::string_view field, double otherwise) {
  ASSIGN_OR_RETURN(const Moments* moments, moments_->Get(field));
  return moments == nullptr || moments->count == 0 ? otherwise : moments->mean;
}

}  // namespace catwalk::operators
