#pragma once

#include "base/serde.h"
#include "operators/operator.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// Running mean and variance of one numeric field over a task's records (Welford 1962).
struct Moments {
  uint64_t count = 0;
  double mean = 0;
  double m2 = 0;  // sum of squared deviations from the mean

  void Add(double x);
  /// (x - mean) / standard deviation, within [-8, 8]; 0 with fewer than two values or no spread.
  double Standardise(double x) const;
  bool operator==(const Moments&) const = default;
};

class MomentsSerde final : public Serde<Moments> {
 public:
  void Encode(const Moments& value, std::string* out) const override;
  Status Decode(std::string_view bytes, Moments* value) const override;
};

/// Fills in what an event leaves out, and brings what it says to one form.
///  - absent: purchase quantity 1; the duration of an activity from distance, stride and cadence, else the mean for its
///    kind; the length of a dwell from the mean;
///  - words (category-like attributes, body type, cup, currency, ground) to lower case (currency: upper) without outer
///    blanks;
///  - numbers of profiles, dwell and durations feed running moments per field, and a profile's numbers become features: standard
///    deviations from the mean, 0 where nothing is known.
/// Stores "moments" by field name.
class ImputeAndStandardise final : public Operator<UserWork> {
 public:
  std::string_view Name() const override { return "impute-and-standardise"; }
  std::vector<state::StoreSpec> Stores() const override { return {{"moments"}}; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  Status Treat(schemas::Click* click);
  Status Treat(schemas::Purchase* purchase);
  Status Treat(schemas::Activity* activity);
  Status Treat(schemas::Profile* profile, std::vector<schemas::StoredProfile::Feature>* features);
  Status AddFeature(std::string_view field, bool known, double x, std::vector<schemas::StoredProfile::Feature>* features);
  Status Learn(std::string_view field, double x);
  /// The mean of the field; `otherwise` before its first value.
  Result<double> Mean(std::string_view field, double otherwise);

  state::Table<Moments>* moments_ = nullptr;
};

}  // namespace catwalk::operators
