#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <vector>

#include "apps/evaluate/evaluation.h"
#include "evaluate/fit_metrics.h"

namespace catwalk::apps {

/// How well fits were predicted, with intervals. Made once, as EvaluationReport.
class FitReport {
 public:
  /// `result` outlives it.
  FitReport(const FitResult& result, uint64_t seed);

  /// Nothing was said of any fit.
  bool empty() const { return result_.said.fits.empty(); }
  /// At most 100 columns wide; empty without anything said.
  std::string Table() const;
  boost::json::object Json() const;

 private:
  const FitResult& result_;
  std::vector<evaluate::ResampledFit> resampled_;   // by predictor
};

}  // namespace catwalk::apps
